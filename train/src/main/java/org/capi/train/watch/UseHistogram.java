package org.capi.train.watch;

import org.tensorflow.proto.HistogramProto;

/**
 * How unequally the prototypes are used: for each its share of the assignments times the number of prototypes, 1 where all
 * are used alike, counted in buckets that grow by a quarter of an octave.
 */
final class UseHistogram {

    private static final int OCTAVES = 12;
    private static final int PER_OCTAVE = 4;

    private UseHistogram() {}

    /** Of the shares of the assignments that the prototypes get. */
    static HistogramProto of(float[] shares) {
        double[] limits = limits();
        double[] counts = new double[limits.length];
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        double sum = 0;
        double squares = 0;
        for (float share : shares) {
            double use = (double) share * shares.length;
            int bucket = 0;
            while (use > limits[bucket]) {
                bucket++;
            }
            counts[bucket]++;
            least = Math.min(least, use);
            most = Math.max(most, use);
            sum += use;
            squares += use * use;
        }
        var histogram = HistogramProto.newBuilder()
                .setMin(least)
                .setMax(most)
                .setNum(shares.length)
                .setSum(sum)
                .setSumSquares(squares);
        for (int i = 0; i < limits.length; i++) {
            histogram.addBucketLimit(limits[i]).addBucket(counts[i]);
        }
        return histogram.build();
    }

    private static double[] limits() {
        double[] limits = new double[2 * OCTAVES * PER_OCTAVE + 2];
        for (int i = 0; i < limits.length - 1; i++) {
            limits[i] = Math.pow(2, (double) i / PER_OCTAVE - OCTAVES);
        }
        limits[limits.length - 1] = Double.MAX_VALUE;
        return limits;
    }
}
