package io.smtpdup.page;

/**
 * A row of bars as SVG draws it.
 *
 * @param title in words, for who does not see it
 * @param kind which colour it has, by its class in the style sheet
 * @param bars a path of strokes, one for each number that is not zero; empty for none
 * @param width of the picture, in its own units
 * @param height the same
 * @param highest the number that reaches the top
 * @param total of all numbers
 */
record Plot(String title, String kind, String bars, int width, int height, long highest, long total) {

    static final int HEIGHT = 40;

    private static final int PITCH = 4;

    /** @param per what one bar is, in words */
    static Plot of(String kind, String what, String per, long[] numbers) {
        long highest = 0;
        long total = 0;
        for (long number : numbers) {
            highest = Math.max(highest, number);
            total += number;
        }
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] > 0) {
                long length = Math.max(1, Math.round((double) numbers[i] / highest * (HEIGHT - 1)));
                path.append('M').append(i * PITCH + PITCH / 2).append(' ').append(HEIGHT).append("v-").append(length);
            }
        }
        String title = what + ": " + Words.number(total) + (total == 0 ? "" : ", at most " + Words.number(highest) + " " + per);
        return new Plot(title, kind, path.toString(), numbers.length * PITCH, HEIGHT, highest, total);
    }
}
