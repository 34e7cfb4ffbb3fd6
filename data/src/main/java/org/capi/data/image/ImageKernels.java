package org.capi.data.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.image.DecodeAndCropJpeg;
import org.tensorflow.op.image.DecodeImage;
import org.tensorflow.op.image.DecodeJpeg;
import org.tensorflow.op.image.DecodePng;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/**
 * TensorFlow's image kernels behind one session, called from as many threads as there are cores: each call runs on the
 * thread that makes it.
 */
public final class ImageKernels implements AutoCloseable {

    private static final RunOptions ON_THIS_THREAD =
            RunOptions.newBuilder().setInterOpThreadPool(-1).build();

    private final Graph graph = new Graph();
    private final Session session;
    private final Placeholder<TString> encoded;
    private final Placeholder<TInt32> jpegBox; // top, left, height, width of what is decoded
    private final Placeholder<TInt32> window; // the same of what is kept of it
    private final Placeholder<TUint8> pixels;
    private final Resampling resampling;
    private final Operand<TUint8> jpegWhole;
    private final Operand<TUint8> otherWhole;
    private final Operand<TUint8> grey;
    private final Operand<TUint8> jpegResized;
    private final Operand<TUint8> otherResized;
    private final Operand<TUint8> pixelsResized;

    public ImageKernels() {
        Ops tf = Ops.create(graph);
        encoded = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
        jpegBox = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(4)));
        window = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(4)));
        pixels = tf.placeholder(TUint8.class, Placeholder.shape(Shape.of(-1, -1, 3)));
        resampling = Resampling.create(tf);
        Operand<TUint8> jpegWindow = windowOf(
                tf,
                tf.image.decodeAndCropJpeg(
                        encoded,
                        jpegBox,
                        DecodeAndCropJpeg.channels(3L),
                        DecodeAndCropJpeg.dctMethod("INTEGER_ACCURATE")));
        jpegWhole = tf.image.decodeJpeg(encoded, DecodeJpeg.channels(3L), DecodeJpeg.dctMethod("INTEGER_ACCURATE"));
        otherWhole = tf.image.decodeImage(
                encoded, TUint8.class, DecodeImage.channels(3L), DecodeImage.expandAnimations(false));
        grey = tf.image.decodePng(encoded, TUint8.class, DecodePng.channels(1L));
        jpegResized = resampling.atOnce(tf, jpegWindow);
        otherResized = resampling.atOnce(tf, windowOf(tf, otherWhole));
        pixelsResized = resampling.axisByAxis(tf, pixels);
        session = new Session(
                graph,
                ConfigProto.newBuilder()
                        .setIntraOpParallelismThreads(1)
                        .setInterOpParallelismThreads(1)
                        .build());
    }

    /** All of an image as RGB. */
    public Pixels decode(ByteBuffer image) throws IOException {
        boolean jpeg = ImageHeader.read(image).format() == ImageHeader.Format.JPEG;
        try (TString bytes = string(image)) {
            return run(session.runner().feed(encoded, bytes).fetch(jpeg ? jpegWhole : otherWhole));
        }
    }

    /** Decodes an image and forgets it: what cannot be decoded, or not to the header's size, is refused. */
    public ImageHeader check(ByteBuffer image) throws IOException {
        ImageHeader header = ImageHeader.read(image);
        boolean jpeg = header.format() == ImageHeader.Format.JPEG;
        try (TString bytes = string(image);
                Result result = session.runner()
                        .setOptions(ON_THIS_THREAD)
                        .feed(encoded, bytes)
                        .fetch(jpeg ? jpegWhole : otherWhole)
                        .run()) {
            Shape decoded = result.get(0).shape();
            if (decoded.get(0) != header.height() || decoded.get(1) != header.width()) {
                throw new IOException("the header and the content differ: " + header.width() + " x " + header.height()
                        + " against " + decoded.get(1) + " x " + decoded.get(0));
            }
            return header;
        } catch (TensorFlowException | IllegalArgumentException e) {
            throw new IOException("cannot be decoded: " + firstLine(e), e);
        }
    }

    /** A grey PNG with a class for every pixel. */
    public Pixels decodeLabelMap(ByteBuffer png) throws IOException {
        if (ImageHeader.read(png).format() != ImageHeader.Format.PNG) {
            throw new IOException("a label map must be a PNG");
        }
        try (TString bytes = string(png)) {
            return run(session.runner().feed(encoded, bytes).fetch(grey));
        }
    }

    /**
     * A window of an image, resized (bicubic, antialiased) for training; the resampling never looks outside the window.
     */
    public Pixels crop(ByteBuffer image, ImageHeader header, CropBox box, int height, int width) throws IOException {
        var geometry = Geometry.filling(box.height(), box.width(), height, width);
        try (TString bytes = string(image)) {
            Session.Runner runner = session.runner().feed(encoded, bytes);
            if (header.format() != ImageHeader.Format.JPEG) {
                return run(geometry, box, runner, otherResized);
            }
            // Colours are stored at half the size and smoothed: a column on either side makes those at the edges right.
            int left = Math.max(0, box.left() - 1);
            int right = Math.min(header.width(), box.left() + box.width() + 1);
            try (TInt32 decoded = TInt32.vectorOf(box.top(), left, box.height(), right - left)) {
                var kept = new CropBox(0, box.left() - left, box.height(), box.width());
                return run(geometry, kept, runner.feed(jpegBox, decoded), jpegResized);
            }
        }
    }

    /** All of an image, squashed to a size. */
    public Pixels squash(ByteBuffer image, int height, int width) throws IOException {
        Pixels whole = decode(image);
        return resize(whole, Geometry.filling(whole.height(), whole.width(), height, width));
    }

    /** The central square of an image whose shorter side was resized. */
    public Pixels centre(ByteBuffer image, int shorterSide, int square) throws IOException {
        Pixels whole = decode(image);
        return resize(whole, Geometry.centred(whole.height(), whole.width(), shorterSide, square));
    }

    /** Resizes what is decoded already (bicubic, antialiased), for evaluation. */
    public Pixels resize(Pixels image, Geometry geometry) throws IOException {
        try (TUint8 fed = TUint8.tensorOf(
                Shape.of(image.height(), image.width(), 3), DataBuffers.of(image.toArray(), true, false))) {
            return run(geometry, session.runner().feed(pixels, fed), pixelsResized);
        }
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }

    private Pixels run(Geometry geometry, CropBox kept, Session.Runner runner, Operand<TUint8> output)
            throws IOException {
        try (TInt32 box = TInt32.vectorOf(kept.top(), kept.left(), kept.height(), kept.width())) {
            return run(geometry, runner.feed(window, box), output);
        }
    }

    private Pixels run(Geometry geometry, Session.Runner runner, Operand<TUint8> output) throws IOException {
        try (TInt32 to = TInt32.vectorOf(geometry.height(), geometry.width());
                TFloat32 by = TFloat32.vectorOf((float) geometry.scaleRows(), (float) geometry.scaleColumns());
                TFloat32 offset = TFloat32.vectorOf(-geometry.top(), -geometry.left())) {
            return run(runner.feed(resampling.size(), to)
                    .feed(resampling.scale(), by)
                    .feed(resampling.translation(), offset)
                    .fetch(output));
        }
    }

    private static Pixels run(Session.Runner runner) throws IOException {
        try (Result result = runner.setOptions(ON_THIS_THREAD).run()) {
            Tensor image = result.get(0);
            long[] shape = image.shape().asArray();
            byte[] bytes = new byte[Math.toIntExact(image.shape().size())];
            image.asRawTensor().data().read(bytes);
            return new Pixels(ByteBuffer.wrap(bytes), (int) shape[0], (int) shape[1], (int) shape[2]);
        } catch (TensorFlowException | IllegalArgumentException e) {
            throw new IOException("cannot be decoded: " + firstLine(e), e);
        }
    }

    private Operand<TUint8> windowOf(Ops tf, Operand<TUint8> image) {
        var start = tf.concat(List.of(part(tf, 0), tf.constant(new int[] {0})), tf.constant(0));
        var extent = tf.concat(List.of(part(tf, 2), tf.constant(new int[] {3})), tf.constant(0));
        return tf.slice(image, start, extent);
    }

    private Operand<TInt32> part(Ops tf, int first) {
        return tf.slice(window, tf.constant(new int[] {first}), tf.constant(new int[] {2}));
    }

    private static TString string(ByteBuffer image) {
        byte[] bytes = new byte[image.remaining()];
        image.get(image.position(), bytes);
        return TString.tensorOfBytes(NdArrays.scalarOfObject(bytes));
    }

    private static String firstLine(RuntimeException e) {
        String message = String.valueOf(e.getMessage());
        int end = message.indexOf('\n');
        return (end < 0 ? message : message.substring(0, end)).replaceAll("\\s*\\{\\{.*|\\s*\\[\\[.*", "");
    }
}
