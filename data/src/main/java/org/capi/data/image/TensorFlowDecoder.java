package org.capi.data.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.ByteDataBuffer;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.image.DecodeAndCropJpeg;
import org.tensorflow.op.image.DecodeImage;
import org.tensorflow.op.image.DecodeJpeg;
import org.tensorflow.op.image.DecodePng;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/**
 * TensorFlow's decoders of JPEG, PNG and GIF behind one session, called from any number of threads: each call runs on
 * the calling thread.
 */
final class TensorFlowDecoder implements AutoCloseable {

    private static final RunOptions ON_THIS_THREAD =
            RunOptions.newBuilder().setInterOpThreadPool(-1).build();
    private static final String EXACT = "INTEGER_ACCURATE"; // bit-exact with Pillow
    private static final long CHECK_RATIO = 8; // all of the file is read, but few pixels are computed

    private final Graph graph = new Graph();
    private final Session session;
    private final Placeholder<TString> encoded;
    private final Placeholder<TInt32> window; // top, left, height, width
    private final Operand<TUint8> jpegWindow;
    private final Operand<TUint8> smallJpeg;
    private final Operand<TUint8> other;
    private final Operand<TUint8> grey;

    TensorFlowDecoder() {
        Ops tf = Ops.create(graph);
        encoded = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
        window = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(4)));
        jpegWindow = tf.image.decodeAndCropJpeg(
                encoded, window, DecodeAndCropJpeg.channels(3L), DecodeAndCropJpeg.dctMethod(EXACT));
        smallJpeg = tf.image.decodeJpeg(encoded, DecodeJpeg.channels(3L), DecodeJpeg.ratio(CHECK_RATIO));
        other = tf.image.decodeImage(
                encoded, TUint8.class, DecodeImage.channels(3L), DecodeImage.expandAnimations(false));
        grey = tf.image.decodePng(encoded, TUint8.class, DecodePng.channels(1L));
        // Without thread counts: the first session of a process sets those of all others, including the training's.
        session = new Session(
                graph, ConfigProto.newBuilder().putDeviceCount("GPU", 0).build());
    }

    /** A window of a JPEG, of which no other pixels are computed. */
    PixelRows jpeg(ByteBuffer image, ImageHeader header, CropBox box) throws IOException {
        // Colours are stored at half the size and smoothed: a column on either side makes those at the edges right.
        int left = Math.max(0, box.left() - 1);
        int right = Math.min(header.storedWidth(), box.left() + box.width() + 1);
        try (TString bytes = string(image);
                TInt32 decoded = TInt32.vectorOf(box.top(), left, box.height(), right - left)) {
            var rows = new TensorRows(run(
                    "JPEG",
                    session.runner().feed(encoded, bytes).feed(window, decoded).fetch(jpegWindow)));
            return new PixelRows.Window(rows, new CropBox(0, box.left() - left, box.height(), box.width()));
        }
    }

    /** All of a PNG, or the first picture of a GIF. */
    PixelRows other(ByteBuffer image, ImageHeader header) throws IOException {
        if (header.format() == ImageHeader.Format.GIF) {
            GifHeader gif = GifHeader.read(image);
            PixelRows frame = rows(
                    gif.firstFrame(image),
                    "GIF",
                    gif.frame().height(),
                    gif.frame().width());
            return PixelRows.Canvas.of(frame, gif.frame(), gif.height(), gif.width(), gif.backgroundColour());
        }
        ByteBuffer png = Png.withoutCompressedText(image);
        return rows(png, "PNG", header.storedHeight(), header.storedWidth());
    }

    private PixelRows rows(ByteBuffer image, String format, int height, int width) throws IOException {
        try (TString bytes = string(image)) {
            var rows = new TensorRows(
                    run(format, session.runner().feed(encoded, bytes).fetch(other)));
            try {
                ImageHeader.requireSize(height, width, rows.height(), rows.width());
                return rows;
            } catch (IOException e) {
                rows.close();
                throw e;
            }
        }
    }

    /** Reads a JPEG to its end at an eighth of its size. */
    void checkJpeg(ByteBuffer image) throws IOException {
        try (TString bytes = string(image);
                Result result =
                        run("JPEG", session.runner().feed(encoded, bytes).fetch(smallJpeg))) {
            result.get(0);
        }
    }

    Pixels grey(ByteBuffer png) throws IOException {
        try (TString bytes = string(Png.withoutCompressedText(png));
                Result result = run("PNG", session.runner().feed(encoded, bytes).fetch(grey))) {
            Shape shape = result.get(0).shape();
            byte[] values = new byte[Math.toIntExact(shape.size())];
            result.get(0).asRawTensor().data().read(values);
            return new Pixels(ByteBuffer.wrap(values), (int) shape.get(0), (int) shape.get(1), 1);
        }
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }

    private static Result run(String format, Session.Runner runner) throws IOException {
        try {
            return runner.setOptions(ON_THIS_THREAD).run();
        } catch (TFInvalidArgumentException e) {
            throw new IOException("cannot be decoded: the " + format + " is cut off or damaged", e);
        } catch (TensorFlowException | IllegalArgumentException e) {
            throw new IOException("cannot be decoded: " + firstLine(e), e);
        }
    }

    private static TString string(ByteBuffer image) {
        byte[] bytes = new byte[image.remaining()];
        image.get(image.position(), bytes);
        return TString.tensorOfBytes(NdArrays.scalarOfObject(bytes));
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).split("\n", 2)[0].replaceAll("\\s*\\{\\{.*|\\s*\\[\\[.*", "");
    }

    /** The rows of an image that TensorFlow decoded, read from its tensor {@code [height, width, 3]}. */
    private static final class TensorRows implements PixelRows {

        private final Result result;
        private final ByteDataBuffer bytes;
        private final int height;
        private final int width;

        TensorRows(Result result) {
            this.result = result;
            Shape shape = result.get(0).shape();
            this.bytes = result.get(0).asRawTensor().data();
            this.height = Math.toIntExact(shape.get(0));
            this.width = Math.toIntExact(shape.get(1));
        }

        @Override
        public int height() {
            return height;
        }

        @Override
        public int width() {
            return width;
        }

        @Override
        public void read(int row, int left, int width, byte[] into) {
            bytes.offset(((long) row * this.width + left) * CHANNELS).read(into, 0, width * CHANNELS);
        }

        @Override
        public void close() {
            result.close();
        }
    }
}
