package org.capi.train.inspect;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.CropBox;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;
import org.capi.eval.pictures.LabelColours;
import org.capi.eval.report.InlinePicture;

/** Pixels as the pictures of a page. */
final class Pictures {

    private Pictures() {}

    /** All of an image, its longer side shrunk to a length. */
    static Pixels shrunk(ImageKernels kernels, ImageRecord image, ImageHeader header, int side) throws IOException {
        double scale = Math.min(1, (double) side / Math.max(header.height(), header.width()));
        return kernels.crop(
                image.encoded(),
                header,
                CropBox.whole(header.height(), header.width()),
                (int) Math.max(1, Math.round(header.height() * scale)),
                (int) Math.max(1, Math.round(header.width() * scale)));
    }

    /** A small file that loses a little. */
    static InlinePicture jpeg(Pixels pixels) throws IOException {
        var image = new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < pixels.height(); row++) {
            for (int column = 0; column < pixels.width(); column++) {
                int colour = (pixels.at(row, column, 0) << 16)
                        | (pixels.at(row, column, 1) << 8)
                        | pixels.at(row, column, 2);
                image.setRGB(column, row, colour);
            }
        }
        var bytes = new ByteArrayOutputStream();
        try (var stream = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(image, "jpeg", stream);
        }
        return InlinePicture.jpeg(bytes.toByteArray());
    }

    /** An image under the colours of its label map, which is brought to its size. */
    static Pixels painted(Pixels image, Pixels labelMap) {
        Pixels map = labelMap.nearest(image.height(), image.width());
        byte[] painted = image.toArray();
        for (int pixel = 0; pixel < painted.length / 3; pixel++) {
            int colour = LabelColours.of(Byte.toUnsignedInt(map.bytes().get(pixel)));
            for (int channel = 0; channel < 3; channel++) {
                int paint = (colour >> (8 * (2 - channel))) & 0xff;
                int before = Byte.toUnsignedInt(painted[3 * pixel + channel]);
                painted[3 * pixel + channel] = (byte) ((2 * paint + before) / 3);
            }
        }
        return new Pixels(ByteBuffer.wrap(painted), image.height(), image.width(), 3);
    }
}
