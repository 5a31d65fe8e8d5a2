package io.smtpdup.agreement;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

import io.smtpdup.message.PrivateFiles;
import org.jspecify.annotations.Nullable;

/**
 * What backups said when they were asked about recipients without a mail, as far as it speaks against them: addresses they refused for
 * good and have not taken since, and domains of which they take any address. In a file of its own, of addresses only what the key of
 * this installation makes of them, whatever {@code agreement.addresses} says: nobody has to be able to read them, because who wants to
 * know asks again. They count as long as comparisons do. Safe for use by several threads.
 */
public final class AskedRecipients {

    /** For each backup; more would not change a verdict. */
    private static final int MOST = 100_000;

    static final String FILE = "recipients";

    private static final String REFUSED = "refused";

    private static final String ANY = "any";

    private static final long DAY_MILLIS = 86_400_000;

    private final AgreementSettings settings;

    private final Path file;

    private final Clock clock;

    private final Consumer<String> says;

    /** By backup, by what the key makes of an address, or of a domain: the day on which it was said. */
    private final Map<String, Map<String, Long>> refused = new HashMap<>();

    private final Map<String, Map<String, Long>> any = new HashMap<>();

    private @Nullable AddressKey key;

    private boolean changed;

    private boolean complained;

    /** There is a file that could not be opened: nothing is noted and nothing written until it can be. */
    private boolean unread;

    /**
     * Reads what is known.
     *
     * @param says hears a line for what is wrong with the file
     */
    public AskedRecipients(AgreementSettings settings, Clock clock, Consumer<String> says) {
        this.settings = settings;
        this.clock = clock;
        this.says = says;
        file = settings.directory().resolve(FILE);
        read();
    }

    /** A backup has said of an address that it would never take a mail for it, or that it would take one. {@link #write} is to follow. */
    public synchronized void answered(String backup, String address, boolean takes) {
        note(refused, backup, address, !takes);
    }

    /** A backup takes an address of a domain that nobody has, or refuses it. {@link #write} is to follow. */
    public synchronized void probed(String backup, String domain, boolean takesAny) {
        note(any, backup, "@" + domain, takesAny);
    }

    /** How many addresses the backup has refused for good and not taken since. */
    public synchronized long failed(String backup) {
        readAgain();
        prune();
        return refused.getOrDefault(backup, Map.of()).size();
    }

    /** Whether the backup takes any address of a domain that it was asked about. */
    public synchronized boolean takesAny(String backup) {
        readAgain();
        prune();
        return !any.getOrDefault(backup, Map.of()).isEmpty();
    }

    /** Forgets all of it, because the backup is another one now. */
    public synchronized void startAnew() {
        changed |= !refused.isEmpty() || !any.isEmpty();
        refused.clear();
        any.clear();
        changed |= unread;
        unread = false;
        write();
    }

    /**
     * Forgets an address.
     *
     * @return in how many places it was
     * @throws IOException when it cannot be looked for
     */
    public synchronized int forget(String address) throws IOException {
        readAgain();
        if (unread) {
            throw new IOException(file + " cannot be opened");
        }
        String hash = hash(openKey(), address);
        int places = (int) refused.values().stream().filter(known -> known.remove(hash) != null).count();
        changed |= places > 0;
        write();
        return places;
    }

    /** Puts it on the disk, if it has changed. */
    public synchronized void write() {
        readAgain();
        prune();
        if (!changed || unread) {
            return;
        }
        Path half = file.resolveSibling(file.getFileName() + ".new");
        try {
            PrivateFiles.directory(settings.directory());
            Files.deleteIfExists(half);
            PrivateFiles.write(half, this::writeTo);
            Files.move(half, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            changed = false;
            complained = false;
        } catch (IOException e) {
            complain("cannot be written down: " + e);
        }
    }

    private void note(Map<String, Map<String, Long>> where, String backup, String address, boolean speaksAgainst) {
        readAgain();
        if (unread) {
            return;
        }
        try {
            String hash = hash(openKey(), address);
            Map<String, Long> known = where.computeIfAbsent(backup, name -> new HashMap<>());
            if (!speaksAgainst) {
                changed |= known.remove(hash) != null;
            } else if (known.size() < MOST || known.containsKey(hash)) {
                known.put(hash, today());
                changed = true;
            }
        } catch (IOException e) {
            complain("is not kept: " + e);
        }
    }

    private AddressKey openKey() throws IOException {
        if (key == null) {
            PrivateFiles.directory(settings.directory());
            key = AddressKey.open(settings.directory(), settings.addresses());
        }
        return key;
    }

    private static String hash(AddressKey key, String address) {
        AddressKey.Row row = key.row(address);
        return HexFormat.of().toHexDigits(row.high()) + HexFormat.of().toHexDigits(row.low());
    }

    private long today() {
        return Math.floorDiv(clock.millis(), DAY_MILLIS);
    }

    private void prune() {
        long first = today() - settings.retain().toDays();
        for (Map<String, Map<String, Long>> kept : List.of(refused, any)) {
            for (Map<String, Long> known : kept.values()) {
                changed |= known.values().removeIf(day -> day < first);
            }
            kept.values().removeIf(Map::isEmpty);
        }
    }

    private void readAgain() {
        if (unread) {
            unread = false;
            read();
        }
    }

    private void read() {
        if (Files.notExists(file)) {
            return;
        }
        try {
            for (String line : Files.readAllLines(file)) {
                String[] words = line.split(" ");
                Map<String, Map<String, Long>> where = switch (words[0]) {
                    case REFUSED -> refused;
                    case ANY -> any;
                    default -> throw new IOException("no line of this file: " + words[0]);
                };
                where.computeIfAbsent(words[1], name -> new HashMap<>()).put(words[2], Long.valueOf(words[3]));
            }
        } catch (IOException | RuntimeException e) {
            refused.clear();
            any.clear();
            if (Damaged.isMeantBy(e)) {
                setAside(e);
            } else {
                unread = true;
                complain("is not kept until it can be opened: " + e);
            }
        }
    }

    private void setAside(Exception damage) {
        try {
            Path aside = Damaged.setAside(settings.directory(), List.of(file), clock.millis());
            says.accept("agreement: what backups said about recipients begins anew: " + file + " cannot be read: " + damage
                    + "; it is in " + aside);
        } catch (IOException e) {
            unread = true;
            complain("is not kept: " + file + " cannot be read: " + damage + ", and not be moved: " + e);
        }
    }

    private void writeTo(OutputStream out) throws IOException {
        StringBuilder text = new StringBuilder();
        lines(REFUSED, refused, text);
        lines(ANY, any, text);
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void lines(String kind, Map<String, Map<String, Long>> kept, StringBuilder text) {
        kept.forEach((backup, known) -> known.forEach((hash, day) -> text.append(kind).append(' ').append(backup).append(' ')
                .append(hash).append(' ').append(day).append('\n')));
    }

    private void complain(String trouble) {
        if (!complained) {
            complained = true;
            says.accept("agreement: what backups say about recipients " + trouble);
        }
    }
}
