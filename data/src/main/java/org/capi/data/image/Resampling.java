package org.capi.data.image;

/** The sums that resizing an image to a {@link Geometry} takes, along both axes. */
record Resampling(Coefficients rows, Coefficients columns) {

    static Resampling of(int height, int width, Geometry geometry) {
        return new Resampling(
                Coefficients.of(height, geometry.scaledHeight(), geometry.top(), geometry.height()),
                Coefficients.of(width, geometry.scaledWidth(), geometry.left(), geometry.width()));
    }

    /** The same, left and right exchanged. */
    Resampling mirrored() {
        return new Resampling(rows, columns.reversed());
    }

    /** The part of the image that is looked at. */
    CropBox needed() {
        return new CropBox(rows.start(), columns.start(), rows.end() - rows.start(), columns.end() - columns.start());
    }
}
