package org.capi.eval.rows;

/** {@code (x - shift) / scale}, column by column. */
final class Affine implements Standardiser {

    private final double[] shift;
    private final double[] scale;

    Affine(double[] shift, double[] scale) {
        this.shift = shift.clone();
        this.scale = scale.clone();
    }

    @Override
    public void apply(float[] values, int count, int dim) {
        for (int row = 0; row < count; row++) {
            for (int d = 0; d < dim; d++) {
                int at = row * dim + d;
                values[at] = (float) ((values[at] - shift[d]) / scale[d]);
            }
        }
    }
}
