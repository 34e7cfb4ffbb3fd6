package org.capi.savedmodels;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/**
 * The format, the size and the orientation that an encoded image claims to have, read inside a graph before anything is
 * decoded: a file of a few kilobytes can claim more pixels than any memory holds.
 *
 * @param file the bytes of a JPEG, PNG or GIF file, a scalar
 * @param place the index of the file in its batch
 */
record PixelCount(Ops tf, Operand<TString> file, Operand<TInt32> place) {

    private static final String PNG = "\u0089PNG";
    private static final String JPEG = "\u00ff\u00d8";
    private static final String GIF = "GIF8";
    private static final String RIFF = "RIFF";
    private static final int HEADER = 26;
    private static final int PNG_SIZES = 16;
    private static final int GIF_SIZES = 6;

    private static final int METADATA_BYTES = 1 << 18; // that are searched for an orientation
    private static final String SWAPS_AXES = "5678";
    private static final String FROM_BOTTOM = "3467"; // stored rows are counted from the last
    private static final String FROM_RIGHT = "2378"; // stored columns are counted from the last
    private static final String ANY = "0123456789";
    // Entries of 12 bytes, up to the one of the tag 0x0112 with one number of 2 or 4 bytes.
    private static final String EXIF = "(?s)\\C*?(?:Exif\\x00\\x00|eXIf)(?:"
            + "II\\*\\x00\\x08\\x00\\x00\\x00\\C\\C(?:\\C{12})*?\\x12\\x01[\\x03\\x04]\\x00\\x01\\x00\\x00\\x00[VALUES]\\x00"
            + "|MM\\x00\\*\\x00\\x00\\x00\\x08\\C\\C(?:\\C{12})*?\\x01\\x12\\x00"
            + "(?:\\x03\\x00\\x00\\x00\\x01|\\x04\\x00\\x00\\x00\\x01\\x00\\x00)\\x00[VALUES])\\C*";
    private static final String XMP = "(?s)\\C*?(?:http://ns\\.adobe\\.com/xap/1\\.0/|XML:com\\.adobe\\.xmp)\\x00"
            + "\\C*?tiff:Orientation(?:=\"|>)[VALUES]\\C*";

    /** Fails when run on a file of another format, or one that claims more. */
    Op atMost(int pixels) {
        Ops tf = this.tf.withControlDependencies(List.of(ofKnownFormat()));
        var size = tf.select(begins(JPEG), ofJpeg(), tf.select(begins(PNG), ofPng(), ofGif())); // [height, width]
        var enough = tf.math.lessEqual(tf.prod(size, tf.constant(0)), tf.constant((float) pixels));
        var rule = named(": an image may have " + pixels + " pixels at most; the height and the width of this one are");
        return tf.assertThat(enough, List.of(rule, size));
    }

    /** An image {@code [height, width, 3]} as it is shown: turned as its EXIF or else its XMP data say. */
    Operand<TUint8> upright(Operand<TUint8> image) {
        var metadata = tf.strings.substr(file, tf.constant(0), tf.constant(METADATA_BYTES));
        var hasExif = matches(metadata, EXIF, ANY);
        var reversed = tf.stack(List.of(turns(metadata, hasExif, FROM_BOTTOM), turns(metadata, hasExif, FROM_RIGHT)));
        var axes = tf.reshape(tf.where(reversed), tf.constant(new int[] {-1}));
        var order = tf.select(
                turns(metadata, hasExif, SWAPS_AXES), tf.constant(new int[] {1, 0, 2}), tf.constant(new int[] {0, 1, 2
                }));
        return tf.linalg.transpose(tf.reverse(image, axes), order);
    }

    private Operand<TBool> turns(Operand<TString> metadata, Operand<TBool> hasExif, String values) {
        return tf.select(hasExif, matches(metadata, EXIF, values), matches(metadata, XMP, values));
    }

    /** Whether the data give one of some values, EXIF as a number, XMP as a digit. */
    private Operand<TBool> matches(Operand<TString> metadata, String pattern, String values) {
        String numbers = pattern.equals(EXIF)
                ? values.chars().mapToObj(digit -> "\\x0" + (char) digit).collect(Collectors.joining())
                : values;
        return tf.strings.regexFullMatch(metadata, tf.constant(pattern.replace("VALUES", numbers)));
    }

    private Op ofKnownFormat() {
        var known = tf.math.logicalOr(begins(JPEG), tf.math.logicalOr(begins(PNG), begins(GIF)));
        var rule = tf.select(
                begins(RIFF),
                named(" is a WebP, which is not decoded; JPEG and PNG files are"),
                named(" is no JPEG, PNG or GIF file"));
        return tf.assertThat(known, List.of(rule));
    }

    /** A sentence about the file, with its place in the batch. */
    private Operand<TString> named(String sentence) {
        return tf.strings.join(List.of(
                tf.constant(VisionEncoder.IMAGE_BYTES + "["), tf.dtypes.asString(place), tf.constant("]" + sentence)));
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
