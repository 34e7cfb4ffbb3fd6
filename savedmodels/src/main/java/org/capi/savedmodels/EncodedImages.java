package org.capi.savedmodels;

import java.util.List;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.MapDefun;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.image.DecodeJpeg;
import org.tensorflow.op.image.ScaleAndTranslate;
import org.tensorflow.op.math.Minimum;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TNumber;

/**
 * Encoded images read inside a graph, as evaluations see them: the shorter side resized to 256/224 of a square (bicubic,
 * antialiased), of which the central square is kept.
 *
 * @param side of the square in pixels
 */
record EncodedImages(int side) {

    private static final double RESIZE = 256.0 / 224;
    private static final float WHITE = 255;
    /** As many as an import takes at most. */
    static final int MOST_PIXELS = 178_956_970;

    /** The length of the shorter side before the square is cut, in pixels. */
    int shorterSide() {
        return (int) Math.rint(side * RESIZE);
    }

    /** JPEG, PNG or GIF files {@code [batch] -> [batch, side, side, 3]}, RGB in [0, 1]. */
    Operand<TFloat32> read(Graph graph, Ops tf, Operand<TString> files) {
        try (ConcreteFunction one = ConcreteFunction.create(this::readOne)) {
            graph.attachFunction(one);
            var count = tf.reshape(tf.shape(files), tf.constant(new int[0]));
            var places = tf.range(tf.constant(0), count, tf.constant(1));
            var map = MapDefun.create(
                    tf.scope(),
                    List.of(files, places),
                    List.of(),
                    List.of(TFloat32.class),
                    List.of(Shape.of(side, side, 3)),
                    one);
            return map.output().get(0).expect(TFloat32.class);
        }
    }

    private Signature readOne(Ops tf) {
        var file = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
        var place = tf.placeholder(TInt32.class, Placeholder.shape(Shape.scalar()));
        var header = new PixelCount(tf, file, place);
        // In spite of its name it reads PNG and GIF too, and it alone takes the transform that Pillow decodes a JPEG
        // with.
        var checked = tf.withControlDependencies(List.of(header.atMost(MOST_PIXELS)));
        var image = checked.image.decodeJpeg(file, DecodeJpeg.channels(3L), DecodeJpeg.dctMethod("INTEGER_ACCURATE"));
        return Signature.builder("read_image")
                .input("file", file)
                .input("place", place)
                .output("image", centre(tf, header.upright(image)))
                .build();
    }

    /** {@code [height, width, 3] -> [side, side, 3]}. */
    private Operand<TFloat32> centre(Ops tf, Operand<TUint8> image) {
        Operand<TInt32> size = tf.stridedSlice(tf.shape(image), Indices.sliceTo(2)); // height and width
        Operand<TInt32> shorter = tf.reduceMin(size, tf.constant(0));
        // The longer side is truncated to whole pixels, the crop's corner rounded half to even.
        var scaled = tf.math.floorDiv(tf.math.mul(size, tf.constant(shorterSide())), shorter);
        var scaledExactly = tf.dtypes.cast(scaled, TFloat32.class);
        var corner =
                tf.math.rint(tf.math.mul(tf.math.sub(scaledExactly, tf.constant((float) side)), tf.constant(0.5f)));
        var scale = tf.math.div(scaledExactly, tf.dtypes.cast(size, TFloat32.class));
        var height = tf.gather(size, tf.constant(0), tf.constant(0));
        // One axis after the other, as Pillow does it, which rounds and clips in between.
        var across = tf.constant(new float[] {0, 1});
        var narrowed = levels(
                tf,
                tf.expandDims(image, tf.constant(0)),
                tf.stack(List.of(height, tf.constant(side))),
                tf.math.add(tf.math.mul(scale, across), tf.constant(new float[] {1, 0})),
                tf.math.mul(corner, across));
        var down = tf.constant(new float[] {1, 0});
        var square = levels(
                tf,
                narrowed,
                tf.constant(new int[] {side, side}),
                tf.math.add(tf.math.mul(scale, down), tf.constant(new float[] {0, 1})),
                tf.math.mul(corner, down));
        return tf.reshape(tf.math.div(square, tf.constant(WHITE)), tf.constant(new int[] {side, side, 3}));
    }

    /** Resized images in whole grey levels: bicubic overshoots. */
    private static Operand<TFloat32> levels(
            Ops tf,
            Operand<? extends TNumber> images,
            Operand<TInt32> size,
            Operand<TFloat32> scale,
            Operand<TFloat32> corner) {
        var resized = tf.image.scaleAndTranslate(
                images,
                size,
                scale,
                tf.math.neg(corner),
                ScaleAndTranslate.kernelType("keyscubic"),
                ScaleAndTranslate.antialias(true));
        Minimum<TFloat32> notTooLight = tf.math.minimum(resized, tf.constant(WHITE));
        return tf.math.rint(tf.math.maximum(notTooLight, tf.constant(0f)));
    }
}
