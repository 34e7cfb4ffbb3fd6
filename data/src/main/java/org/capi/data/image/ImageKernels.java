package org.capi.data.image;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * From encoded images to pixels as they are shown: decoding, cropping, resizing; called from as many threads as there
 * are cores, each doing its own work.
 *
 * <p>A header says whether the image is turned as its EXIF data say: that of a dataset's record is not where a label map
 * lies beside the image.
 */
public final class ImageKernels implements AutoCloseable {

    private final TensorFlowDecoder tensorFlow = new TensorFlowDecoder();
    private final DecodeBudget budget = new DecodeBudget();

    /** All of an image as RGB. */
    public Pixels decode(ByteBuffer image) throws IOException {
        return decode(image, ImageHeader.read(image));
    }

    /** All of an image as RGB, turned as a header says. */
    public Pixels decode(ByteBuffer image, ImageHeader header) throws IOException {
        return window(image, header, CropBox.whole(header.height(), header.width()));
    }

    /** A window of the image that a header shows, in its own size. */
    public Pixels window(ByteBuffer image, ImageHeader header, CropBox box) throws IOException {
        return budget.spend(header.pixels(), () -> {
            try (PixelRows rows = shown(image, header, box)) {
                return rows.copy();
            }
        });
    }

    /**
     * Decodes an image and forgets it. What has more pixels than a limit, or takes too much memory, is refused before
     * that; so is what is cut off, cannot be decoded, or not to the size in its header.
     *
     * @return the header, with the size that batches will see
     */
    public ImageHeader check(ByteBuffer image, long maxPixels) throws IOException {
        ImageHeader header = ImageHeader.read(image, maxPixels);
        long bytes = DecodeBudget.check(image, header, maxPixels);
        return budget.spend(bytes / PixelRows.CHANNELS, () -> {
            if (header.format() == ImageHeader.Format.JPEG) {
                tensorFlow.checkJpeg(image);
            } else {
                decoded(image, header).close();
            }
            return header;
        });
    }

    /** A grey PNG with a class for every pixel. */
    public Pixels decodeLabelMap(ByteBuffer png) throws IOException {
        if (ImageHeader.read(png).format() != ImageHeader.Format.PNG) {
            throw new IOException("a label map must be a PNG");
        }
        return tensorFlow.grey(png);
    }

    /**
     * A window of the image that a header shows, resized (bicubic, antialiased) for training; the resampling never looks
     * outside the window.
     */
    public Pixels crop(ByteBuffer image, ImageHeader header, CropBox box, int height, int width) throws IOException {
        return resized(image, header, box, Resampling.of(box.height(), box.width(), Geometry.filling(height, width)));
    }

    /** As {@link #crop}, left and right exchanged. */
    public Pixels mirroredCrop(ByteBuffer image, ImageHeader header, CropBox box, int height, int width)
            throws IOException {
        var resampling = Resampling.of(box.height(), box.width(), Geometry.filling(height, width));
        return resized(image, header, box, resampling.mirrored());
    }

    /** All of the image that a header shows, squashed to a size. */
    public Pixels squash(ByteBuffer image, ImageHeader header, int height, int width) throws IOException {
        return resize(image, header, Geometry.filling(height, width));
    }

    /** The central square of the image that a header shows, once its shorter side was resized. */
    public Pixels centre(ByteBuffer image, ImageHeader header, int shorterSide, int square) throws IOException {
        return resize(image, header, Geometry.centred(header.height(), header.width(), shorterSide, square));
    }

    /** The image that a header shows, resized (bicubic, antialiased); only what is kept of it is computed. */
    public Pixels resize(ByteBuffer image, ImageHeader header, Geometry geometry) throws IOException {
        CropBox whole = CropBox.whole(header.height(), header.width());
        return resized(image, header, whole, Resampling.of(whole.height(), whole.width(), geometry));
    }

    @Override
    public void close() {
        tensorFlow.close();
    }

    private Pixels resized(ByteBuffer image, ImageHeader header, CropBox box, Resampling resampling)
            throws IOException {
        CropBox needed = resampling.needed().within(box);
        return budget.spend(header.pixels(), () -> {
            try (PixelRows window = shown(image, header, needed)) {
                return Bicubic.resize(window, resampling);
            }
        });
    }

    /** Decodes a window of the image as it is shown. */
    private PixelRows shown(ByteBuffer image, ImageHeader header, CropBox box) throws IOException {
        Orientation orientation = header.orientation();
        CropBox stored = orientation.stored(box, header.height(), header.width());
        PixelRows window = header.format() == ImageHeader.Format.JPEG
                ? tensorFlow.jpeg(image, header, stored)
                : new WindowRows(decoded(image, header), stored);
        if (orientation == Orientation.UPRIGHT) {
            return window;
        }
        try (window) {
            return PixelRows.of(orientation.shown(window.copy()));
        }
    }

    /** All pixels of what is no JPEG, as they are stored. */
    private PixelRows decoded(ByteBuffer image, ImageHeader header) throws IOException {
        return switch (header.format()) {
            case PNG, GIF -> tensorFlow.other(image, header);
            default -> ImageIoDecoder.decode(image, header);
        };
    }
}
