package io.smtpdup.backup;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import io.smtpdup.agreement.Answer;
import io.smtpdup.agreement.Stage;
import io.smtpdup.message.Recipient;
import io.smtpdup.spool.CopyConstants;
import org.apache.camel.Message;

/**
 * The last 4xx of a backup's own about each recipient of a copy, as it travels with the copy that waits for that. The first line is
 * what holds for all of whom no further line tells something else; a server says the same to all but for their addresses.
 */
final class Deferrals {

    /** Recipients who do not fit are counted as the first. */
    private static final int MOST = 4096;

    private static final String NOTHING = "-";

    private static final Deferrals NONE = new Deferrals(null, Map.of());

    private final Answer common;

    private final Map<String, Optional<Answer>> others;

    private Deferrals(Answer common, Map<String, Optional<Answer>> others) {
        this.common = common;
        this.others = others;
    }

    /** Those of a copy; what cannot be read is not there. */
    static Deferrals of(Message copy) {
        String text = copy.getHeader(CopyConstants.DEFERRAL, String.class);
        if (text == null) {
            return NONE;
        }
        String[] lines = text.split("\n", -1);
        Map<String, Optional<Answer>> others = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            int tab = lines[i].indexOf('\t');
            if (tab >= 0) {
                others.put(lines[i].substring(tab + 1), Optional.ofNullable(read(lines[i].substring(0, tab))));
            }
        }
        return new Deferrals(read(lines[0]), others);
    }

    /** What was last said about a recipient; null for nothing. */
    Answer about(String recipient) {
        Optional<Answer> own = others.get(recipient);
        return own == null ? common : own.orElse(null);
    }

    /**
     * Writes on a copy what is known now.
     *
     * @param now what the backup has said this time, by address; those of whom it has said nothing keep what they had
     */
    static void write(Message copy, Collection<Recipient> recipients, Map<String, Answer> now) {
        Deferrals before = of(copy);
        Map<String, Answer> all = new LinkedHashMap<>();
        recipients.forEach(one -> all.put(one.address(), now.getOrDefault(one.address(), before.about(one.address()))));
        Optional<Map.Entry<String, Answer>> first = all.entrySet().stream().filter(one -> one.getValue() != null).findFirst();
        if (first.isEmpty()) {
            copy.removeHeader(CopyConstants.DEFERRAL);
            return;
        }
        Answer common = first.get().getValue();
        Answer bare = without(common, first.get().getKey());
        StringBuilder text = new StringBuilder(line(common));
        all.forEach((recipient, answer) -> {
            if (answer == null || !without(answer, recipient).equals(bare)) {
                String line = "\n" + line(answer) + "\t" + recipient;
                text.append(text.length() + line.length() > MOST ? "" : line);
            }
        });
        copy.setHeader(CopyConstants.DEFERRAL, text.toString());
    }

    private static Answer without(Answer answer, String recipient) {
        return new Answer(answer.stage(), answer.code(), answer.enhanced(), answer.text().replace(recipient, ""), "");
    }

    private static String line(Answer answer) {
        return answer == null ? NOTHING : String.join(" ", List.of(answer.stage().text(), String.valueOf(answer.code()),
                answer.enhanced().isEmpty() ? NOTHING : answer.enhanced(), answer.text()));
    }

    private static Answer read(String line) {
        String[] words = line.split(" ", 4);
        try {
            return words.length < 4 ? null : new Answer(Stage.valueOf(words[0].toUpperCase(Locale.ROOT)), Integer.parseInt(words[1]),
                    words[2].equals(NOTHING) ? "" : words[2], words[3], "");
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
