package io.smtpdup.tools;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The first of many copies.
 *
 * @param copies those that are told
 * @param more how many there are besides
 */
public record Listing(List<CopyView> copies, long more) {

    /** Collects copies up to a number, and counts the others. */
    static final class Builder {

        private final int limit;

        private final List<CopyView> copies = new ArrayList<>();

        private long more;

        Builder(int limit) {
            this.limit = limit;
        }

        void add(CopyView copy) {
            if (isFull()) {
                more++;
            } else {
                copies.add(copy);
            }
        }

        void addUnseen(long count) {
            more += count;
        }

        /** How many are told so far. */
        int size() {
            return copies.size();
        }

        /** Puts those that were added since into the order in which their mails were accepted. */
        void sortSince(int size) {
            copies.subList(size, copies.size()).sort(Comparator
                    .comparing(CopyView::acceptedAt, Comparator.nullsFirst(Comparator.naturalOrder()))
                    .thenComparing(CopyView::id));
        }

        boolean isFull() {
            return copies.size() >= limit;
        }

        Listing build() {
            return new Listing(copies, more);
        }
    }
}
