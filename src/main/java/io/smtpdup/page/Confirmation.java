package io.smtpdup.page;

import java.util.ArrayList;
import java.util.List;

import io.smtpdup.tools.BackupView;
import io.smtpdup.tools.Parameters;
import io.smtpdup.tools.RequestException;

/**
 * The question before something that cannot be taken back.
 *
 * @param fields of the form that does it
 * @param targets where copies can go; empty where that is not the question
 */
record Confirmation(String title, String text, String button, List<Field> fields, List<String> targets, String back) {

    /** A hidden field. */
    record Field(String name, String value) {
    }

    static Confirmation of(Sources sources, Parameters form) {
        String action = form.required("action");
        String what = what(form);
        List<Field> fields = new ArrayList<>();
        for (String name : List.of("action", "back", "backup", "recipient", "reply", "id", "reason", "anyway")) {
            form.all(name).forEach(value -> fields.add(new Field(name, value)));
        }
        fields.add(new Field("confirmed", "true"));
        String back = Actions.back(form.one("back"));
        return switch (action) {
            case "delete", "delete-matching" -> new Confirmation("Delete dead letters?", "This deletes " + what
                    + ". No server gets these mails any more; export them first if somebody may want them.", "Delete", fields, List.of(), back);
            case "delete-waiting" -> new Confirmation("Delete waiting copies?", "This deletes " + what
                    + ". The backup will not get these mails.", "Delete", fields, List.of(), back);
            case "move" -> new Confirmation("Move waiting copies?", "This moves " + what + " into the queue of another backup.", "Move", fields,
                    sources.steering().overview().backups().stream().map(BackupView::name)
                            .filter(name -> !form.all("backup").contains(name)).toList(), back);
            case "cutover" -> new Confirmation("Make " + backup(form) + " the primary?", "New mail goes to " + backup(form) + ", whose replies clients"
                    + " hear, and " + sources.settings().primary().address() + " gets a copy of each. What waits for " + backup(form)
                    + " goes on to it. It can be taken back at any time." + (form.one("anyway") == null ? "" : " Not everything is in order;"
                    + " this is done all the same: “" + Words.plain(form.required("reason")) + "”"), "Switch now", fields, List.of(), back);
            case "rollback" -> new Confirmation("Go back?", "The primary of before the latest switch becomes it again, whatever the report says: "
                    + sources.cutover().rollbackTo() + ". It has a copy of each mail that came meanwhile, or the copy waits for it.", "Go back",
                    fields, List.of(), back);
            default -> throw RequestException.wrong("there is no such button");
        };
    }

    private static String backup(Parameters form) {
        return Words.plain(form.backup());
    }

    private static String what(Parameters form) {
        int picked = form.all("id").size();
        String backup = form.one("backup");
        if (picked > 0 && !form.required("action").endsWith("-matching")) {
            return Words.count(picked, "copy", "copies") + " that you have picked";
        }
        String narrow = (form.one("recipient") == null ? "" : " for the recipient " + Words.plain(form.one("recipient")))
                + (form.one("reply") == null ? "" : " whose last reply has “" + Words.plain(form.one("reply")) + "” in it")
                + (picked == 0 ? "" : " with the id " + Words.plain(form.all("id").get(0)));
        return "all copies" + (backup == null ? " of all backups" : " of " + Words.plain(backup)) + narrow;
    }
}
