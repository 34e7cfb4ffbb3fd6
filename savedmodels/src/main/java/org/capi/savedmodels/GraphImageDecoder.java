package org.capi.savedmodels;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.MapDefun;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.image.DecodeJpeg;
import org.tensorflow.op.image.ScaleAndTranslate;
import org.tensorflow.op.math.Minimum;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TNumber;

/**
 * Encoded images read inside a graph, as evaluations see them: the shorter side resized to 256/224 of a square
 * (bicubic, antialiased), of which the central square is kept.
 *
 * @param side of the square in pixels
 */
record GraphImageDecoder(int side) {

    private static final double RESIZE = 256.0 / 224;
    private static final float WHITE = 255;
    /** The limit that an import of images has, too. */
    static final int MAX_PIXELS = 178_956_970;

    /** The length of the shorter side before the square is cut, in pixels. */
    int shorterSide() {
        return (int) Math.rint(side * RESIZE);
    }

    /** JPEG, PNG or GIF files {@code [batch] -> [batch, side, side, 3]}, RGB in [0, 1]. */
    Operand<TFloat32> read(Graph graph, Ops tf, Operand<TString> files) {
        try (ConcreteFunction one = ConcreteFunction.create(this::readOne)) {
            graph.attachFunction(one);
            var count = tf.reshape(tf.shape(files), tf.constant(new int[0]));
            var indices = tf.range(tf.constant(0), count, tf.constant(1));
            var map = MapDefun.create(
                    tf.scope(),
                    List.of(files, indices),
                    List.of(),
                    List.of(TFloat32.class),
                    List.of(Shape.of(side, side, 3)),
                    one);
            return map.output().get(0).expect(TFloat32.class);
        }
    }

    private Signature readOne(Ops tf) {
        var file = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
        var index = tf.placeholder(TInt32.class, Placeholder.shape(Shape.scalar()));
        var header = new Header(tf, file, index);
        // In spite of its name it reads PNG and GIF too, and it alone takes the transform that Pillow decodes a JPEG
        // with.
        var checked = tf.withControlDependencies(List.of(header.atMost(MAX_PIXELS)));
        var image = checked.image.decodeJpeg(file, DecodeJpeg.channels(3L), DecodeJpeg.dctMethod("INTEGER_ACCURATE"));
        return Signature.builder("read_image")
                .input("file", file)
                .input("place", index)
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

    /**
     * The format, the size and the orientation that an encoded image claims to have, read inside a graph before
     * anything is decoded: a file of a few kilobytes can claim more pixels than any memory holds.
     *
     * @param file the bytes of a JPEG, PNG or GIF file, a scalar
     * @param index the index of the file in its batch
     */
    private record Header(Ops tf, Operand<TString> file, Operand<TInt32> index) {

        private static final String PNG = "\u0089PNG";
        private static final String JPEG = "\u00ff\u00d8";
        private static final String GIF = "GIF8";
        private static final String RIFF = "RIFF";
        private static final int HEADER_BYTES = 26;
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
            var rule = named(
                    ": an image may have " + pixels + " pixels at most; the height and the width of this one are");
            return tf.assertThat(enough, List.of(rule, size));
        }

        /** An image {@code [height, width, 3]} as it is shown: turned as its EXIF or else its XMP data say. */
        Operand<TUint8> upright(Operand<TUint8> image) {
            var metadata = tf.strings.substr(file, tf.constant(0), tf.constant(METADATA_BYTES));
            var hasExif = matches(metadata, EXIF, ANY);
            var reversed =
                    tf.stack(List.of(turns(metadata, hasExif, FROM_BOTTOM), turns(metadata, hasExif, FROM_RIGHT)));
            var axes = tf.reshape(tf.where(reversed), tf.constant(new int[] {-1}));
            var order = tf.select(
                    turns(metadata, hasExif, SWAPS_AXES),
                    tf.constant(new int[] {1, 0, 2}),
                    tf.constant(new int[] {0, 1, 2}));
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
                    named(" is not a JPEG, PNG or GIF file"));
            return tf.assertThat(known, List.of(rule));
        }

        /** A sentence about the file, with its index in the batch. */
        private Operand<TString> named(String sentence) {
            return tf.strings.join(List.of(
                    tf.constant(VisionEncoder.IMAGE_BYTES + "["),
                    tf.dtypes.asString(index),
                    tf.constant("]" + sentence)));
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

        /** The height from a byte on and the width before it, with the value of each byte's unit. */
        private Operand<TFloat32> number(int at, float... values) {
            Operand<TFloat32> header = tf.dtypes.cast(
                    tf.io.decodeRaw(
                            tf.strings.substr(padded(), tf.constant(0), tf.constant(HEADER_BYTES)), TUint8.class),
                    TFloat32.class);
            var height = tf.stridedSlice(header, Indices.slice(at, at + values.length));
            var width = tf.stridedSlice(header, Indices.slice(at - values.length, at));
            return tf.sum(tf.math.mul(tf.stack(List.of(height, width)), tf.constant(values)), tf.constant(1));
        }

        /** Long enough to be looked into, however short the file is. */
        private Operand<TString> padded() {
            return tf.strings.join(List.of(
                    tf.strings.substr(file, tf.constant(0), tf.constant(HEADER_BYTES)),
                    tf.constant("\0".repeat(HEADER_BYTES))));
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
}
