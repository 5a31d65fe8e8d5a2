package io.smtpdup.tools;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import io.smtpdup.agreement.Addresses;
import io.smtpdup.agreement.Agreement;
import io.smtpdup.backup.SelectedCopies;
import io.smtpdup.config.CopySelection;
import io.smtpdup.config.Destination;
import io.smtpdup.recipients.AddressFile;
import io.smtpdup.recipients.RecipientChecks;
import io.smtpdup.spool.SpoolException;
import org.jspecify.annotations.Nullable;

/** Has a backup asked about recipients, from a list or those that the primary has taken mail for, and tells what it said. */
public final class RecipientTools {

    /** Of a list; it may have comments. */
    static final long LARGEST = 16L << 20;

    private final RecipientChecks checks;

    private final List<Destination> backups;

    private final @Nullable Agreement agreement;

    private final Addresses kept;

    /**
     * @param agreement knows whom the primary has taken mail for; null where nothing is compared
     * @param kept how it keeps addresses
     */
    public RecipientTools(RecipientChecks checks, List<Destination> backups, @Nullable Agreement agreement, Addresses kept) {
        this.checks = checks;
        this.backups = List.copyOf(backups);
        this.agreement = agreement;
        this.kept = kept;
    }

    /**
     * A check.
     *
     * @param from the reverse-path as it was typed; null for that of bounces
     * @param job the id that it shall have; null for one that is made here
     */
    record Wanted(String backup, @Nullable String from, @Nullable String job) {
    }

    /** Looks at what can be known before a list comes. */
    void prepare(Wanted wanted) {
        named(wanted.backup);
        sender(wanted.from);
        if (wanted.job != null && !wanted.job.matches("[0-9a-f]{16}")) {
            throw RequestException.wrong("job is 16 hexadecimal digits, in small letters");
        }
    }

    /** Begins a check of the addresses in a file. One list at a time is read: a large one needs room. */
    synchronized RecipientChecks.Status check(Wanted wanted, Path file) throws IOException {
        AddressFile list;
        try (InputStream octets = Files.newInputStream(file)) {
            list = AddressFile.read(octets);
        }
        if (list.wrong() > 0) {
            throw RequestException.wrong(list.problems().stream().map(AddressFile.Problem::toString).collect(Collectors.joining("; "))
                    + (list.wrong() > list.problems().size() ? "; and " + (list.wrong() - list.problems().size())
                    + (list.isTooLong() ? " or more" : " more") : ""));
        }
        return start(wanted, list.addresses(), "there is no address in the list");
    }

    /** Begins a check of all addresses that the primary has taken mail for, and whose copies the backup gets. */
    synchronized RecipientChecks.Status checkKnown(Wanted wanted) {
        prepare(wanted);
        CopySelection selection = destination(wanted.backup).limits().selection();
        selection.to().ifPresent(one -> {
            throw RequestException.conflict("all copies of this backup go to " + one + " (to=): the addresses that the primary takes are"
                    + " none that it has to know; name a file with addresses");
        });
        if (agreement == null || kept != Addresses.PLAIN) {
            throw RequestException.conflict("the relay does not keep the addresses that the primary takes (" + (agreement == null
                    ? "nothing is compared" : "agreement.addresses=" + kept.name().toLowerCase(Locale.ROOT))
                    + "): name a file with addresses, or set agreement.addresses=plain and wait until mail has come for them");
        }
        Set<String> known = new LinkedHashSet<>();
        try {
            agreement.recipients(address -> {
                if (known.size() <= RecipientChecks.MOST && SelectedCopies.wants(selection, address)) {
                    usable(address).ifPresent(known::add);
                }
            });
        } catch (IOException e) {
            throw new SpoolException("the addresses that the primary takes cannot be read: " + e.getMessage());
        }
        return start(wanted, List.copyOf(known), "no mail has come yet that the primary has taken"
                + (selection.isAll() ? "" : " and of which this backup gets a copy"));
    }

    private RecipientChecks.Status start(Wanted wanted, List<String> addresses, String none) {
        if (addresses.isEmpty()) {
            throw RequestException.wrong(none);
        }
        if (addresses.size() > RecipientChecks.MOST) {
            throw RequestException.tooLarge("a check takes " + RecipientChecks.MOST + " addresses: use several files");
        }
        try {
            return checks.start(named(wanted.backup), wanted.job, sender(wanted.from), addresses);
        } catch (IllegalStateException e) {
            throw RequestException.conflict(e.getMessage());
        }
    }

    /** How far the latest check of a backup is. */
    RecipientChecks.Status status(String backup) {
        String name = named(backup);
        return checks.status(name).orElseThrow(() -> none(name));
    }

    /** The latest check of a backup, by its name; empty when there was none. */
    Optional<RecipientChecks.Status> latest(String name) {
        return checks.status(name);
    }

    /** A part of those that the backup has not taken. */
    RecipientChecks.Page results(String backup, @Nullable String job, int after, int limit) {
        String name = named(backup);
        return checks.results(name, job, after, limit).orElseThrow(() -> job == null || checks.status(name).isEmpty() ? none(name)
                : RequestException.notFound("the latest check of the backup " + name + " is not " + job));
    }

    /** Ends a check. */
    Map<String, String> cancel(String backup, String job) {
        String name = named(backup);
        if (!checks.cancel(name, job)) {
            throw RequestException.notFound("the backup " + name + " has no check " + job);
        }
        return Map.of("cancelled", job);
    }

    private static RequestException none(String backup) {
        return RequestException.notFound("the backup " + backup + " was not asked about recipients since the relay's start");
    }

    private String named(String text) {
        return destination(text).name();
    }

    private Destination destination(String text) {
        return KnownBackups.listed(backups, text);
    }

    private static String sender(@Nullable String from) {
        if (from == null || from.equals("<>")) {
            return "";
        }
        return usable(from).orElseThrow(() -> RequestException.wrong("malformed address " + from));
    }

    private static Optional<String> usable(String address) {
        try {
            return Optional.of(AddressFile.address(address));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
