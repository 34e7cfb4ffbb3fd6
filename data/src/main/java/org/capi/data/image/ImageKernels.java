package org.capi.data.image;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import org.apache.commons.io.function.IOSupplier;
import org.capi.data.image.Bicubic.Resampling;

/**
 * From encoded images to pixels as they are shown: decoding, cropping, resizing; called from as many threads as there
 * are cores, each doing its own work.
 *
 * <p>A header tells whether the image is turned by its EXIF data; {@link ImageHeader#asStored} never is.
 *
 * <p>Memory is bounded: an image that alone takes too much is refused by its headers, and threads decode many small
 * images at once, but large ones only in turn.
 */
public final class ImageKernels implements AutoCloseable {

    private static final long SMALL_PIXELS = 1L << 22; // 12 MB
    private static final int PARALLEL_PIXELS = 1 << 27; // 400 MB
    private static final long MAX_BYTES = 1L << 29; // in RGB, of the largest image that Pillow opens
    private static final long MAX_SCANNED_PIXELS = 1L << 31; // twelve scans over the largest image

    private final TensorFlowDecoder tensorFlow = new TensorFlowDecoder();
    private final Semaphore freePixels = new Semaphore(PARALLEL_PIXELS, true);

    public Pixels decode(ByteBuffer image) throws IOException {
        return decode(image, ImageHeader.read(image));
    }

    /** All of the image that a header shows. */
    public Pixels decode(ByteBuffer image, ImageHeader header) throws IOException {
        return window(image, header, CropBox.whole(header.height(), header.width()));
    }

    /** A window of the image that a header shows, in its own size. */
    public Pixels window(ByteBuffer image, ImageHeader header, CropBox box) throws IOException {
        return inBudget(header.pixels(), () -> {
            try (PixelRows rows = shown(image, header, box)) {
                return rows.copy();
            }
        });
    }

    /**
     * Decodes an image and drops it. What has more pixels than a limit, or takes too much memory, is refused before
     * that; so is what is cut off, cannot be decoded, or not to the size in its header.
     *
     * @return the header, with the size that batches will see
     */
    public ImageHeader check(ByteBuffer image, long maxPixels) throws IOException {
        ImageHeader header = ImageHeader.read(image, maxPixels);
        long bytes = decodingBytes(image, header, maxPixels);
        return inBudget(bytes / PixelRows.CHANNELS, () -> {
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
     * A window of the image that a header shows, resized (bicubic, antialiased) for training; the resampling never
     * reads outside the window.
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
        return inBudget(header.pixels(), () -> {
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
                : new PixelRows.Window(decoded(image, header), stored);
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

    /**
     * The bytes that are allocated to decode an image; one that is cut off, or takes more memory than the largest one
     * does in RGB, is refused.
     */
    static long decodingBytes(ByteBuffer image, ImageHeader header, long maxPixels) throws IOException {
        long bytes;
        try {
            bytes = decodingBytes(image, header);
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new IOException("cannot be decoded: the " + header.format().label() + " is cut off", e);
        }
        long most = Math.max(MAX_BYTES, 3 * maxPixels);
        if (bytes > most) {
            throw new IOException("too large: decoding its " + header.pixels() + " pixels takes " + bytes / 1_000_000
                    + " MB, at most " + most / 1_000_000 + " MB are taken");
        }
        return bytes;
    }

    private static long decodingBytes(ByteBuffer image, ImageHeader header) throws IOException {
        return switch (header.format()) {
            case JPEG -> JpegHeader.coefficientBytes(image, MAX_SCANNED_PIXELS);
            case PNG, BMP -> 3 * header.pixels();
            case GIF -> {
                GifHeader gif = GifHeader.read(image);
                gif.requireWhole(image);
                yield 4L * gif.frame().height() * gif.frame().width();
            }
            case WEBP -> 4 * header.pixels();
            case TIFF -> {
                TiffDirectory directory = TiffDirectory.read(image);
                directory.requireWhole();
                yield directory.decodedBytes(header.pixels());
            }
        };
    }

    /** Waits until an image of so many pixels may be decoded. */
    private <T> T inBudget(long pixels, IOSupplier<T> work) throws IOException {
        if (pixels <= SMALL_PIXELS) {
            return work.get();
        }
        int share = (int) Math.min(PARALLEL_PIXELS, pixels);
        freePixels.acquireUninterruptibly(share);
        try {
            return work.get();
        } finally {
            freePixels.release(share);
        }
    }
}
