package org.capi.data.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.ImageKernels;

/** Reads one image file and makes sure that it can be decoded. */
final class ImageFile {

    private static final long MAX_BYTES = 1L << 30;

    private ImageFile() {}

    static ImageRecord read(Path file, String name, int label, ImageKernels kernels) throws IOException {
        byte[] bytes;
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IOException("too large: the file has " + Files.size(file) + " bytes, at most " + MAX_BYTES);
            }
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException("the file is missing or a broken link", e);
        }
        ByteBuffer encoded = ByteBuffer.wrap(bytes);
        ImageHeader header = kernels.check(encoded, ImageHeader.MAX_PIXELS);
        return new ImageRecord(name, encoded, label, null, header.width(), header.height());
    }
}
