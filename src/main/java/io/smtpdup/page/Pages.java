package io.smtpdup.page;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.smtpdup.tools.Parameters;

/** Which pages there are, what each takes in its query, and which template shows it. */
final class Pages {

    private static final String REFRESH = "refresh";

    private static final String NOTE = "note";

    private final Map<String, Page> pages = new LinkedHashMap<>();

    Pages(Sources sources) {
        add("/", true, Set.of(), asked -> new Made("Overview", "overview.jte", Overview.of(sources)));
        add("/page/queue", true, Copies.SEARCH, asked -> {
            QueuePage page = QueuePage.of(sources, asked);
            return new Made(page.queue().label(), "queue.jte", page);
        });
        add("/page/dead", false, Copies.SEARCH, asked -> new Made("Dead letters", "dead.jte", DeadPage.of(sources, asked)));
        add("/page/copy", false, Set.of("backup", "id", "key"), asked -> {
            Copies.Copy copy = Copies.one(sources, asked);
            return new Made("Copy " + copy.view().id(), "copy.jte", copy);
        });
        add("/page/mails", false, MailsPage.SEARCH, asked -> new Made("Mails", "mails.jte", MailsPage.of(sources, asked)));
        add("/page/mail", true, Set.of("id"), asked -> {
            MailPage page = MailPage.of(sources, asked.required("id"));
            return new Made("Mail " + page.id(), "mail.jte", page);
        });
        add("/page/agreement", false, Set.of(), asked -> new Made("Agreement", "agreement.jte", AgreementPage.of(sources)));
        add("/page/cutover", false, Set.of("backup"), asked -> new Made("Switch", "switch.jte", SwitchPage.of(sources, asked)));
        add("/page/settings", false, Set.of(), asked -> new Made("Settings", "settings.jte", SettingsPage.of(sources)));
    }

    /**
     * A page.
     *
     * @param refreshes whether it keeps itself up to date
     * @param fields whether it has some that can be filled in
     * @param parameters that may stand in its query
     */
    record Page(boolean refreshes, boolean fields, Set<String> parameters, Maker maker) {
    }

    /** Asks what there is to see; may wait for the broker. */
    @FunctionalInterface
    interface Maker {

        Made make(Parameters asked);
    }

    /** What a template needs. */
    record Made(String title, String template, Object model) {
    }

    private void add(String path, boolean refreshes, Set<String> parameters, Maker maker) {
        pages.put(path, new Page(refreshes, parameters.contains("recipient"), Stream.concat(parameters.stream(), Stream.of(NOTE, REFRESH)).collect(Collectors.toSet()), maker));
    }

    Optional<Page> at(String path) {
        return Optional.ofNullable(pages.get(path));
    }

    /** The query of the same page without its note, and with its refresh on or off. */
    static String query(Parameters asked, Set<String> parameters, boolean off) {
        String query = parameters.stream().filter(name -> !name.equals(NOTE) && !name.equals(REFRESH)).sorted()
                .flatMap(name -> asked.all(name).stream().map(value -> name + "=" + Words.url(value)))
                .collect(Collectors.joining("&"));
        return (query.isEmpty() ? "" : "?" + query) + (off ? (query.isEmpty() ? "?" : "&") + REFRESH + "=off" : "");
    }
}
