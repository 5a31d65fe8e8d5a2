package io.smtpdup.command;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Rows in columns, some with further lines of free text below. */
final class Table {

    private static final String GAP = "  ";

    private final List<String> head;

    private final Set<String> right;

    private final List<Row> rows = new ArrayList<>();

    /**
     * @param head the columns' names
     * @param right those whose values are numbers
     */
    Table(List<String> head, Set<String> right) {
        this.head = head;
        this.right = right;
    }

    private record Row(List<String> cells, List<String> below) {
    }

    void row(List<String> cells, List<String> below) {
        rows.add(new Row(cells, below));
    }

    void print(PrintWriter out) {
        int[] widths = new int[head.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = Math.max(head.get(i).length(),
                    rows.stream().mapToInt(row -> row.cells.get(column).length()).max().orElse(0));
        }
        print(out, head, widths);
        for (Row row : rows) {
            print(out, row.cells, widths);
            row.below.forEach(line -> out.println("    " + line));
        }
    }

    private void print(PrintWriter out, List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String blanks = " ".repeat(widths[i] - cells.get(i).length());
            line.append(i == 0 ? "" : GAP)
                    .append(right.contains(head.get(i)) ? blanks + cells.get(i) : cells.get(i) + blanks);
        }
        out.println(line.toString().stripTrailing());
    }
}
