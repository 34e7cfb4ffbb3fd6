package org.capi.data.arrow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.capi.data.files.DurableFile;
import org.capi.data.files.JsonFault;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes {@code dataset.json}, whose last key is the CRC-32C of all bytes before the line that holds it.
 *
 * <p>Only {@link #isSound} looks at the checksum: a person may correct a class name and go on.
 */
final class DatasetJson {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private static final String CHECKSUM = "crc32c";
    private static final Pattern END = Pattern.compile("\n {2}\"" + CHECKSUM + "\" : (\\d{1,10})\n}\n");

    private DatasetJson() {}

    static DatasetInfo read(Path folder) {
        Path file = file(folder);
        try {
            return parse(file, Files.readString(file));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("damaged " + file + ": it is not UTF-8", e);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Whether a file of the format that this program writes is byte for byte as it was written. */
    static boolean isSound(byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        Matcher end = END.matcher(text);
        int start = text.lastIndexOf("\n  \"" + CHECKSUM);
        return start >= 0
                && end.region(start, text.length()).matches()
                && Long.parseLong(end.group(1)) == Columns.checksum(ByteBuffer.wrap(content, 0, start));
    }

    /** The description that a file's text gives. */
    static DatasetInfo parse(Path file, String text) {
        try {
            if (!(JSON.readTree(text) instanceof ObjectNode info)) {
                throw new IllegalArgumentException("damaged " + file + ": it is no JSON object");
            }
            int version = version(file, info);
            info.remove(CHECKSUM);
            if (version == 1) {
                info.putArray("ignore_labels");
                info.putArray("class_counts");
                info.putNull("skipped_list");
            }
            return JSON.treeToValue(info, DatasetInfo.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("damaged " + file + ": " + JsonFault.words(e), e);
        }
    }

    static void write(Path folder, DatasetInfo info) throws IOException {
        String text = JSON.writeValueAsString(info);
        byte[] head = (text.substring(0, text.lastIndexOf("\n}")) + ",").getBytes(StandardCharsets.UTF_8);
        byte[] end = ("\n  \"" + CHECKSUM + "\" : " + Columns.checksum(ByteBuffer.wrap(head)) + "\n}\n")
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer file =
                ByteBuffer.allocate(head.length + end.length).put(head).put(end);
        DurableFile.write(folder.resolve(DatasetInfo.FILE), file.array());
    }

    /** The file in a folder, or a clear word why there is none. */
    static Path file(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("no dataset folder: " + folder + unfinished(folder.getParent()));
        }
        Path file = folder.resolve(DatasetInfo.FILE);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no dataset in " + folder + ": it holds no " + DatasetInfo.FILE
                    + " (made by 'data import' and 'data generate')" + unfinished(folder));
        }
        return file;
    }

    private static int version(Path file, ObjectNode info) {
        JsonNode version = info.path("format_version");
        if (!version.canConvertToInt()) {
            throw new IllegalArgumentException("damaged " + file + ": it has no format_version");
        }
        if (version.intValue() < 1 || version.intValue() > DatasetInfo.FORMAT_VERSION) {
            throw new IllegalArgumentException(file + " has format_version " + version.intValue()
                    + "; this program reads versions 1 to " + DatasetInfo.FORMAT_VERSION
                    + (version.intValue() > 1 ? ": a newer program wrote it" : ""));
        }
        return version.intValue();
    }

    private static String unfinished(@Nullable Path folder) {
        Path partial = folder == null ? null : folder.resolve(DatasetPath.PARTIAL);
        return partial != null && Files.isDirectory(partial)
                ? "; an import was not finished there (" + partial + "): the same command goes on with it"
                : "";
    }
}
