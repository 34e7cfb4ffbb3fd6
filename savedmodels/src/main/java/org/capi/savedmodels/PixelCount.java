package org.capi.savedmodels;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.imageio.ImageIO;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/**
 * How many pixels an encoded image claims to have, read inside a graph before anything is decoded: a file of a few kilobytes
 * can claim more than any memory holds.
 *
 * @param file the bytes of a JPEG, PNG or GIF file, a scalar
 */
record PixelCount(Ops tf, Operand<TString> file) {

    private static final String PNG = "\u0089PNG";
    private static final String JPEG = "\u00ff\u00d8";
    private static final int HEADER = 26;
    private static final int PNG_SIZES = 16;
    private static final int GIF_SIZES = 6;

    /** Fails when run on a file that claims more. */
    Op atMost(int pixels) {
        var size = tf.select(begins(JPEG), ofJpeg(), tf.select(begins(PNG), ofPng(), ofGif())); // [height, width]
        var enough = tf.math.lessEqual(tf.prod(size, tf.constant(0)), tf.constant((float) pixels));
        String rule = "an image may have " + pixels + " pixels at most; the height and the width of this one are";
        return tf.assertThat(enough, List.of(tf.constant(rule), size));
    }

    private Operand<TBool> begins(String magic) {
        var start = tf.strings.substr(padded(), tf.constant(0), tf.constant(magic.length()));
        return tf.math.equal(start, tf.constant(StandardCharsets.ISO_8859_1, magic));
    }

    /** What is no JPEG stands back for one that is, of a single pixel: a graph computes every branch. */
    private Operand<TFloat32> ofJpeg() {
        var jpeg = tf.select(begins(JPEG), file, tf.constant(StandardCharsets.ISO_8859_1, smallestJpeg()));
        var shape = tf.image.extractJpegShape(jpeg); // height, width, channels
        return tf.dtypes.cast(tf.stridedSlice(shape, Indices.sliceTo(2)), TFloat32.class);
    }

    /** Width and height, four bytes each, the highest first. */
    private Operand<TFloat32> ofPng() {
        return number(PNG_SIZES + 4, 1 << 24, 1 << 16, 1 << 8, 1);
    }

    /** Width and height, two bytes each, the lowest first. */
    private Operand<TFloat32> ofGif() {
        return number(GIF_SIZES + 2, 1, 1 << 8);
    }

    /** The height at a place and the width before it, of bytes that count so much. */
    private Operand<TFloat32> number(int at, float... values) {
        Operand<TFloat32> header = tf.dtypes.cast(
                tf.io.decodeRaw(tf.strings.substr(padded(), tf.constant(0), tf.constant(HEADER)), TUint8.class),
                TFloat32.class);
        var height = tf.stridedSlice(header, Indices.slice(at, at + values.length));
        var width = tf.stridedSlice(header, Indices.slice(at - values.length, at));
        return tf.sum(tf.math.mul(tf.stack(List.of(height, width)), tf.constant(values)), tf.constant(1));
    }

    /** Long enough to be looked into, however short the file is. */
    private Operand<TString> padded() {
        return tf.strings.join(List.of(
                tf.strings.substr(file, tf.constant(0), tf.constant(HEADER)), tf.constant("\0".repeat(HEADER))));
    }

    private static String smallestJpeg() {
        var bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(new BufferedImage(1, 1, BufferedImage.TYPE_3BYTE_BGR), "jpg", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }
}
