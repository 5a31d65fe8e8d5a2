package io.smtpdup.agreement;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Says what a reply means: by the first line of the table that is about it, the operator's own lines before ours, and else by its
 * enhanced status code, its stage and its code ({@link StandardMeaning}).
 */
final class ReplyTable {

    private static final String OURS = "replies.txt";

    private record Vendor(String name, List<String> phrases) {
    }

    private final List<Vendor> vendors = new ArrayList<>();

    private final List<ReplyPattern> patterns = new ArrayList<>();

    private ReplyTable() {
    }

    /** The table that comes with the program. */
    static ReplyTable shipped() {
        return new ReplyTable().withShipped();
    }

    /**
     * The table with lines in front of ours.
     *
     * @param file how a problem names them
     * @throws BadLineException when one of them is no line of such a table
     */
    static ReplyTable with(List<String> lines, String file) throws BadLineException {
        ReplyTable table = new ReplyTable();
        table.add(lines, file);
        return table.withShipped();
    }

    /** What a reply is about; {@link Category#NONE} when it refuses nothing. */
    Category categoryOf(Answer answer) {
        if (answer.isPositive()) {
            return Category.NONE;
        }
        String words = Masking.mask(answer.text()).toLowerCase(Locale.ROOT);
        String vendor = vendorOf(answer);
        for (ReplyPattern pattern : patterns) {
            if (pattern.fits(answer, vendor, words)) {
                return pattern.category();
            }
        }
        return StandardMeaning.of(answer);
    }

    /** By what the server calls itself, and else by what only its replies have in them; empty when neither tells. */
    private String vendorOf(Answer answer) {
        String server = answer.server().toLowerCase(Locale.ROOT);
        String text = answer.text().toLowerCase(Locale.ROOT);
        for (String place : List.of(server, text)) {
            for (Vendor vendor : vendors) {
                if (Words.anyIn(place, vendor.phrases)) {
                    return vendor.name;
                }
            }
        }
        return "";
    }

    private ReplyTable withShipped() {
        try (InputStream in = Objects.requireNonNull(ReplyTable.class.getResourceAsStream(OURS))) {
            add(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList(), OURS);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (BadLineException e) {
            throw new IllegalStateException(e);
        }
    }

    private void add(List<String> lines, String file) throws BadLineException {
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String[] columns = Arrays.stream(line.split("\\|", -1)).map(String::strip).toArray(String[]::new);
            try {
                if (columns[0].equals("vendor")) {
                    addVendor(columns);
                } else {
                    patterns.add(ReplyPattern.parse(columns));
                }
            } catch (IllegalArgumentException e) {
                throw BadLineException.at(file, i + 1, Objects.requireNonNullElse(e.getMessage(), "cannot be read"));
            }
        }
    }

    private void addVendor(String[] columns) {
        if (columns.length != 3 || Words.list(columns[2]).isEmpty()) {
            throw new IllegalArgumentException("must be vendor | name | what its greeting or its replies have in them");
        }
        vendors.add(new Vendor(columns[1].toLowerCase(Locale.ROOT), Words.list(columns[2].toLowerCase(Locale.ROOT))));
    }
}
