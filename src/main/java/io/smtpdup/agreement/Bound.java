package io.smtpdup.agreement;

/**
 * What is known of a rate after some trials: the exact one-sided bound of Clopper and Pearson, which is about three divided by the
 * number of trials when none of them failed.
 */
final class Bound {

    private static final double CONFIDENCE = 0.95;

    private static final int STEPS = 80;

    private Bound() {
    }

    /** The rate that is not exceeded, with 95 % confidence; 1 when nothing was tried. */
    static double upper(long failures, long trials) {
        if (trials <= 0 || failures >= trials) {
            return 1;
        }
        double low = (double) failures / trials;
        double high = 1;
        for (int i = 0; i < STEPS; i++) {
            double middle = (low + high) / 2;
            // The chance of more failures than there were, were this the rate
            if (incompleteBeta(failures + 1.0, trials - failures, middle) < CONFIDENCE) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** The regularised incomplete beta function, by its continued fraction (Lentz). */
    private static double incompleteBeta(double a, double b, double x) {
        if (x <= 0 || x >= 1) {
            return x <= 0 ? 0 : 1;
        }
        if (x > (a + 1) / (a + b + 2)) {
            return 1 - incompleteBeta(b, a, 1 - x);
        }
        double front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
        double c = 1;
        double d = inverse(1 - (a + b) * x / (a + 1));
        double fraction = d;
        for (int m = 1; m < 10_000; m++) {
            double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = inverse(1 + even * d);
            c = 1 + even / c;
            fraction *= d * c;
            double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = inverse(1 + odd * d);
            c = 1 + odd / c;
            double step = d * c;
            fraction *= step;
            if (Math.abs(step - 1) < 1e-14) {
                break;
            }
        }
        return front * fraction;
    }

    private static double inverse(double value) {
        return 1 / (Math.abs(value) < 1e-300 ? 1e-300 : value);
    }

    /** By Stirling's series, for arguments that are not small. */
    private static double logGamma(double x) {
        double shift = 0;
        double y = x;
        while (y < 15) {
            shift -= Math.log(y++);
        }
        double inverse = 1 / y;
        double square = inverse * inverse;
        double series = inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square / 1680)));
        return shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series;
    }
}
