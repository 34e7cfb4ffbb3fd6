package org.capi.data.image;

import java.awt.image.Raster;

/**
 * RGB rows of a raster of floating point numbers, grey or RGB: from 0 to 1, or to 255 where one is above 1. What is
 * above or below is clipped, and what is not a number is black.
 */
final class FloatRows implements PixelRows {

    private final Raster raster;
    private final float scale;
    private final float[] samples;

    private FloatRows(Raster raster, float scale) {
        this.raster = raster;
        this.scale = scale;
        this.samples = new float[raster.getWidth() * raster.getNumBands()];
    }

    static FloatRows of(Raster raster) {
        var rows = new FloatRows(raster, 1);
        for (int row = 0; row < rows.height(); row++) {
            rows.read(row, 0, rows.width());
            for (float sample : rows.samples) {
                if (sample > 1 && Float.isFinite(sample)) {
                    return rows;
                }
            }
        }
        return new FloatRows(raster, 255);
    }

    @Override
    public int height() {
        return raster.getHeight();
    }

    @Override
    public int width() {
        return raster.getWidth();
    }

    @Override
    public void read(int row, int left, int width, byte[] into) {
        read(row, left, width);
        int bands = raster.getNumBands();
        for (int column = 0; column < width; column++) {
            for (int channel = 0; channel < CHANNELS; channel++) {
                float sample = samples[column * bands + (bands < CHANNELS ? 0 : channel)];
                // A cast makes 0 of what is not a number.
                into[column * CHANNELS + channel] = (byte) (int) Math.max(0, Math.min(255, sample * scale + 0.5f));
            }
        }
    }

    @Override
    public void close() {}

    private void read(int row, int left, int width) {
        raster.getPixels(raster.getMinX() + left, raster.getMinY() + row, width, 1, samples);
    }
}
