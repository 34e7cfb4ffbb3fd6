package org.capi.data.image;

import org.capi.data.CounterRandom;

/** A window of an image, in whole pixels. */
public record CropBox(int top, int left, int height, int width) {

    public CropBox {
        if (top < 0 || left < 0 || height < 1 || width < 1) {
            throw new IllegalArgumentException("a crop needs top and left of at least 0 and sides of at least 1, was "
                    + top + ", " + left + ", " + height + " x " + width);
        }
    }

    public static CropBox whole(int height, int width) {
        return new CropBox(0, 0, height, width);
    }

    /** A window of another window, in the coordinates of the whole image. */
    CropBox within(CropBox outer) {
        return new CropBox(outer.top + top, outer.left + left, height, width);
    }

    /**
     * The random crop of training: an area fraction uniformly, an aspect (width / height) log-uniformly between 3/4 and
     * 4/3, ten tries, then the largest central window with an allowed aspect.
     *
     * @param scaleMin the smallest fraction of the image's area
     * @param scaleMax the largest fraction of the image's area
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
        public CropBox draw(int height, int width, CounterRandom random) {
            double area = (double) height * width;
            for (int attempt = 0; attempt < TRIES; attempt++) {
                double target = area * random.uniform(scaleMin, scaleMax);
                double aspect = StrictMath.exp(random.uniform(StrictMath.log(MIN_ASPECT), StrictMath.log(MAX_ASPECT)));
                int w = (int) Math.rint(Math.sqrt(target * aspect));
                int h = (int) Math.rint(Math.sqrt(target / aspect));
                if (w > 0 && w <= width && h > 0 && h <= height) {
                    int top = random.below(height - h + 1);
                    return new CropBox(top, random.below(width - w + 1), h, w);
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
}
