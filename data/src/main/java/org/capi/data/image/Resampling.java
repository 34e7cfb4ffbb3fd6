package org.capi.data.image;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.op.image.ScaleAndTranslate;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/**
 * Bicubic antialiased resizing of a {@code [height, width, 3]} image, by the filter that Pillow has (a = -0.5).
 *
 * @param size {@code [height, width]} of the result
 * @param scale {@code [rows, columns]} of the result for each of the image
 * @param translation what is added to a scaled place
 */
record Resampling(Placeholder<TInt32> size, Placeholder<TFloat32> scale, Placeholder<TFloat32> translation) {

    static Resampling create(Ops tf) {
        return new Resampling(
                tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(2))),
                tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(2))),
                tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(2))));
    }

    /** Both axes at once: half the time, and without the rounding between them within two grey levels of Pillow. */
    Operand<TUint8> atOnce(Ops tf, Operand<TUint8> image) {
        Operand<TUint8> resized = scaled(tf, tf.expandDims(image, tf.constant(0)), size, scale, translation);
        return tf.squeeze(resized, Squeeze.axis(List.of(0L)));
    }

    /** Columns first, then rows, each rounded and clipped to a byte: within one grey level of Pillow. */
    Operand<TUint8> axisByAxis(Ops tf, Operand<TUint8> image) {
        Operand<TInt32> two = tf.constant(new int[] {2});
        Operand<TInt32> fromSize = tf.slice(tf.shape(image), tf.constant(new int[] {0}), two);
        Operand<TFloat32> ones = tf.constant(new float[] {1, 1});
        Operand<TFloat32> zeros = tf.constant(new float[] {0, 0});
        Operand<TUint8> columns = scaled(
                tf,
                tf.expandDims(image, tf.constant(0)),
                alternate(tf, fromSize, size),
                alternate(tf, ones, scale),
                alternate(tf, zeros, translation));
        Operand<TUint8> rows = scaled(tf, columns, size, alternate(tf, scale, ones), alternate(tf, translation, zeros));
        return tf.squeeze(rows, Squeeze.axis(List.of(0L)));
    }

    /** The first element of one vector and the second of another. */
    private static <T extends TType> Operand<T> alternate(Ops tf, Operand<T> first, Operand<T> second) {
        Operand<TInt32> one = tf.constant(new int[] {1});
        return tf.concat(
                List.of(tf.slice(first, tf.constant(new int[] {0}), one), tf.slice(second, one, one)), tf.constant(0));
    }

    private static Operand<TUint8> scaled(
            Ops tf, Operand<TUint8> image, Operand<TInt32> to, Operand<TFloat32> by, Operand<TFloat32> offset) {
        Operand<TFloat32> values = tf.image.scaleAndTranslate(
                image, to, by, offset, ScaleAndTranslate.kernelType("keyscubic"), ScaleAndTranslate.antialias(true));
        Operand<TFloat32> bytes = tf.clipByValue(tf.math.rint(values), tf.constant(0f), tf.constant(255f));
        return tf.dtypes.cast(bytes, TUint8.class);
    }
}
