package org.capi.data.source.list;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads the lines of a UTF-8 file one by one, so that a bad line is only one bad line. */
final class Lines implements AutoCloseable {

    private static final int MAX_BYTES = 1 << 16;
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final InputStream in;
    private long number;

    /**
     * A line.
     *
     * @param number from 1
     * @param problem why there is no text; empty where there is
     */
    record Line(long number, String text, String problem) {}

    private Lines(InputStream in) {
        this.in = in;
    }

    static Lines open(Path file) throws IOException {
        return new Lines(new BufferedInputStream(Files.newInputStream(file), 1 << 16));
    }

    /** The next line without its end, or null at the end of the file. */
    @Nullable
    Line next() throws IOException {
        var bytes = new ByteArrayOutputStream();
        boolean tooLong = false;
        int read = in.read();
        if (read < 0) {
            return null;
        }
        while (read >= 0 && read != '\n') {
            tooLong |= bytes.size() == MAX_BYTES;
            if (!tooLong) {
                bytes.write(read);
            }
            read = in.read();
        }
        number++;
        return tooLong ? new Line(number, "", "it has more than " + MAX_BYTES + " bytes") : decode(bytes.toByteArray());
    }

    private Line decode(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if (number == 1 && text.startsWith(BYTE_ORDER_MARK)) {
                text = text.substring(1);
            }
            return new Line(number, text.endsWith("\r") ? text.substring(0, text.length() - 1) : text, "");
        } catch (CharacterCodingException e) {
            return new Line(number, "", "it is not UTF-8");
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
