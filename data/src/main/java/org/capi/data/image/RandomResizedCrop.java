package org.capi.data.image;

import org.capi.data.Draws;

/**
 * Draws the training crop: an area fraction uniformly, an aspect (width / height) log-uniformly between 3/4 and 4/3, ten
 * tries, then the largest central window with an allowed aspect.
 *
 * @param scaleMin the least part of the image's area
 * @param scaleMax the largest part of the image's area
 */
public record RandomResizedCrop(double scaleMin, double scaleMax) {

    private static final double MIN_ASPECT = 3.0 / 4;
    private static final double MAX_ASPECT = 4.0 / 3;
    private static final int TRIES = 10;

    public RandomResizedCrop {
        if (!(scaleMin > 0 && scaleMin <= scaleMax && scaleMax <= 1)) {
            throw new IllegalArgumentException(
                    "crop_scale must satisfy 0 < min <= max <= 1, was " + scaleMin + " .. " + scaleMax);
        }
    }

    /** The window for an image of this size. */
    public CropBox draw(int height, int width, Draws draws) {
        double area = (double) height * width;
        for (int attempt = 0; attempt < TRIES; attempt++) {
            double target = area * draws.uniform(scaleMin, scaleMax);
            double aspect = StrictMath.exp(draws.uniform(StrictMath.log(MIN_ASPECT), StrictMath.log(MAX_ASPECT)));
            int w = (int) Math.rint(Math.sqrt(target * aspect));
            int h = (int) Math.rint(Math.sqrt(target / aspect));
            if (w > 0 && w <= width && h > 0 && h <= height) {
                int top = draws.below(height - h + 1);
                return new CropBox(top, draws.below(width - w + 1), h, w);
            }
        }
        return central(height, width);
    }

    private static CropBox central(int height, int width) {
        double aspect = (double) width / height;
        int w = aspect > MAX_ASPECT ? (int) Math.rint(height * MAX_ASPECT) : width;
        int h = aspect < MIN_ASPECT ? (int) Math.rint(width / MIN_ASPECT) : height;
        return new CropBox((height - h) / 2, (width - w) / 2, h, w);
    }
}
