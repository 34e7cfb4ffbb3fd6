package org.capi.savedmodels.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.capi.savedmodels.SafeText;
import org.capi.savedmodels.weights.StoredTensor.FileRegion;
import org.tensorflow.ndarray.Shape;

/** Files of safetensors: the length of a header, the header in JSON, and the numbers without a gap. */
final class SafetensorsFile {

    private static final String METADATA = "__metadata__";

    private static final long MAX_HEADER_BYTES = 1 << 24;
    private static final long MAX_TOKENS = 2_000_000;
    private static final int ALIGNMENT = 8;
    private static final int CHUNK = 1 << 18;

    private static final Map<String, ElementType> TYPES = types();

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxTokenCount(MAX_TOKENS)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** A tensor and where its bytes are, counted from the end of the header. */
    private record Span(String name, long begin, long end) {}

    private SafetensorsFile() {}

    private static Map<String, ElementType> types() {
        Map<String, ElementType> types = new TreeMap<>();
        for (ElementType type : ElementType.values()) {
            type.safetensorsNames().forEach(name -> types.put(name, type));
        }
        return types;
    }

    /** Whether a file begins with a header that fits in it. */
    static boolean looksLikeOne(FileChannel channel) throws IOException {
        if (channel.size() < Long.BYTES + 2) {
            return false;
        }
        byte[] first = new FileRegion(channel, Long.BYTES, 1).bytes();
        return first[0] == '{' && headerLength(channel) >= 2;
    }

    /** Everything in a file; overlaps, gaps and lengths that do not fit are refused. */
    static Contents read(FileChannel channel) throws IOException {
        long header = headerLength(channel);
        if (header > MAX_HEADER_BYTES || header > channel.size() - Long.BYTES) {
            throw new IllegalArgumentException("its header claims " + header + " bytes; the file has " + channel.size()
                    + ", and at most " + MAX_HEADER_BYTES + " are read");
        }
        JsonNode root = parse(new FileRegion(channel, Long.BYTES, header).bytes());
        long start = Long.BYTES + header;
        var data = new FileRegion(channel, start, channel.size() - start);
        Contents contents = Contents.empty();
        List<Span> spans = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            if (!entry.getKey().equals(METADATA)) {
                Span span = span(entry.getKey(), entry.getValue(), data.size());
                spans.add(span);
                contents.add(span.name, tensor(span, entry.getValue(), data));
            }
        }
        requireGapless(spans, data.size());
        contents.numbers().putAll(numbers(root.path(METADATA)));
        return contents;
    }

    private static long headerLength(FileChannel channel) throws IOException {
        var length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        new FileRegion(channel, 0, Long.BYTES).read(0, length);
        long bytes = length.getLong(0);
        return bytes < 0 ? Long.MAX_VALUE : bytes;
    }

    private static JsonNode parse(byte[] header) throws IOException {
        try {
            JsonNode root = JSON.readTree(header);
            if (root.isObject()) {
                return root;
            }
            throw new IllegalArgumentException("its header is not a JSON object");
        } catch (StreamConstraintsException e) {
            throw new IllegalArgumentException(
                    "its header has more than " + MAX_TOKENS + " values, too long a text, or nests too deeply", e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("its header is not JSON: " + SafeText.text(e.getOriginalMessage()), e);
        }
    }

    /** The numbers in those texts of the metadata that are JSON objects. */
    private static Map<String, Number> numbers(JsonNode metadata) {
        Map<String, Object> objects = new LinkedHashMap<>();
        metadata.properties().forEach(text -> {
            try {
                Object object = JSON.readValue(text.getValue().asText(), Map.class);
                if (object != null) {
                    objects.put(text.getKey(), object);
                }
            } catch (JsonProcessingException e) {
                // A text of another kind.
            }
        });
        return Contents.of(objects).numbers();
    }

    private static Span span(String name, JsonNode entry, long bytes) {
        List<Long> offsets = longs(name, entry.path("data_offsets"));
        if (offsets.size() != 2) {
            throw new IllegalArgumentException("its tensor " + SafeText.name(name) + " lies at " + offsets.size()
                    + " places; a begin and an end are wanted");
        }
        if (offsets.get(1) < offsets.get(0) || offsets.get(1) > bytes) {
            throw new IllegalArgumentException(
                    "its tensor " + SafeText.name(name) + " lies at " + offsets + " of " + bytes + " bytes");
        }
        return new Span(name, offsets.get(0), offsets.get(1));
    }

    private static StoredTensor tensor(Span span, JsonNode entry, FileRegion data) {
        ElementType type = TYPES.get(entry.path("dtype").asText());
        if (type == null) {
            throw new IllegalArgumentException("its tensor " + SafeText.name(span.name) + " has the type "
                    + SafeText.name(entry.path("dtype").toString()) + ", not one of "
                    + String.join(", ", TYPES.keySet()));
        }
        var region = new FileRegion(data.file(), data.position() + span.begin, span.end - span.begin);
        StoredTensor tensor;
        try {
            tensor = StoredTensor.dense(region, type, longs(span.name, entry.path("shape")));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "its tensor " + SafeText.name(span.name) + " is wrong: " + e.getMessage(), e);
        }
        if (tensor.count() != region.size() / type.width() || region.size() % type.width() != 0) {
            throw new IllegalArgumentException("its tensor " + SafeText.name(span.name) + " has " + region.size()
                    + " bytes, not " + tensor.count() + " numbers of type " + type);
        }
        return tensor;
    }

    private static List<Long> longs(String name, JsonNode array) {
        List<Long> longs = new ArrayList<>();
        for (JsonNode value : array) {
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
                throw new IllegalArgumentException("its tensor " + SafeText.name(name) + " has the size or place "
                        + SafeText.name(value.toString()));
            }
            longs.add(value.asLong());
        }
        if (!array.isArray()) {
            throw new IllegalArgumentException("its tensor " + SafeText.name(name) + " lacks its shape or its place");
        }
        return longs;
    }

    private static void requireGapless(List<Span> spans, long bytes) {
        long end = 0;
        for (Span span : spans.stream()
                .sorted(Comparator.comparingLong(Span::begin).thenComparing(Span::end))
                .toList()) {
            if (span.begin != end) {
                throw new IllegalArgumentException("its tensor " + SafeText.name(span.name) + " begins at byte "
                        + span.begin + (span.begin < end ? ", inside another one" : ", after a gap"));
            }
            end = span.end;
        }
        if (end != bytes) {
            throw new IllegalArgumentException("its tensors end at byte " + end + " of " + bytes);
        }
    }

    /** Writes float32 tensors. */
    static void write(NamedTensors tensors, FileChannel file) throws IOException {
        byte[] header = header(tensors.shapes());
        OutputStream out = Channels.newOutputStream(file);
        var length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.write(length.putLong(header.length).array());
        out.write(header);
        for (String name : tensors.shapes().keySet()) {
            writeFloats(tensors.floats(name), out);
        }
    }

    /** Writes numbers as bytes, little-endian, a piece at a time. */
    static void writeFloats(float[] values, OutputStream out) throws IOException {
        byte[] bytes = new byte[Float.BYTES * Math.min(CHUNK, values.length)];
        var floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (int at = 0; at < values.length; at += CHUNK) {
            int count = Math.min(CHUNK, values.length - at);
            floats.clear().put(values, at, count);
            out.write(bytes, 0, Float.BYTES * count);
        }
    }

    /** In JSON, padded with spaces so that the numbers are aligned. */
    private static byte[] header(Map<String, Shape> shapes) throws IOException {
        var json = new JsonMapper();
        var root = json.createObjectNode();
        root.putObject(METADATA).put("format", "pt");
        long at = 0;
        for (Map.Entry<String, Shape> tensor : shapes.entrySet()) {
            long end = at + Float.BYTES * tensor.getValue().size();
            var entry = root.putObject(tensor.getKey()).put("dtype", "F32");
            var sizes = entry.putArray("shape");
            for (long size : tensor.getValue().asArray()) {
                sizes.add(size);
            }
            entry.putArray("data_offsets").add(at).add(end);
            at = end;
        }
        String text = json.writeValueAsString(root);
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        return (text + " ".repeat((ALIGNMENT - length % ALIGNMENT) % ALIGNMENT)).getBytes(StandardCharsets.UTF_8);
    }
}
