package org.capi.graph.vit;

/** What the plain forward passes of tests share, in double precision. */
public final class PlainMath {

    private PlainMath() {}

    /** {@code weight·x} of a weight {@code [out, in]}. */
    public static double[] product(double[] x, double[] weight, int out) {
        double[] y = new double[out];
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < x.length; i++) {
                y[o] += weight[o * x.length + i] * x[i];
            }
        }
        return y;
    }

    /** By its power series, which is good to 1e-10 for what a few layers make. */
    public static double erf(double x) {
        if (Math.abs(x) > 4.5) {
            return Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; n < 120; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }

    /** The same numbers. */
    public static double[] widened(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
