package io.smtpdup.spool;

/** Is told of each copy that the spool has set aside by itself. */
@FunctionalInterface
public interface DamageWatcher {

    /**
     * Called once the copy lies among the damaged ones.
     *
     * @param id the mail's, or what names the message when it has none
     * @param backup the name of the backup whose it was
     * @param damage what is wrong with it
     */
    void damaged(String id, String backup, String damage);
}
