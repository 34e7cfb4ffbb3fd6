package org.capi.savedmodels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;

class SafetensorsFileTest {

    @TempDir
    Path folder;

    @Test
    void everyFloatingTypeIsRead() throws IOException {
        // 1 in float32, float16, bfloat16 and float64.
        byte[] ones = {0, 0, (byte) 0x80, 0x3f, 0, 0x3c, (byte) 0x80, 0x3f, 0, 0, 0, 0, 0, 0, (byte) 0xf0, 0x3f};
        Path file = write("""
                {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
                "b":{"dtype":"F16","shape":[1,1],"data_offsets":[4,6]},
                "c":{"dtype":"BF16","shape":[1],"data_offsets":[6,8]},
                "d":{"dtype":"F64","shape":[],"data_offsets":[8,16]},
                "__metadata__":{"format":"pt"}}""", ones);
        try (WeightFile weights = WeightFile.open(file)) {
            assertThat(weights.shapes())
                    .containsExactly(
                            Map.entry("a", Shape.of(1)),
                            Map.entry("b", Shape.of(1, 1)),
                            Map.entry("c", Shape.of(1)),
                            Map.entry("d", Shape.scalar()));
            for (String name : weights.shapes().keySet()) {
                assertThat(weights.floats(name)).as(name).containsExactly(1);
            }
        }
    }

    @Test
    void numbersThatAreNotExactlyTheTensorsAreRefused() throws IOException {
        refused(one("[3]", "[0,8]"), 8, "its tensor a is wrong: it reaches number 2 of a storage of 2");
        refused(one("[1]", "[0,8]"), 8, "its tensor a has 8 bytes, not 1 numbers");
        refused(one("[2]", "[0,12]"), 8, "its tensor a lies at [0, 12] of 8 bytes");
        refused(one("[2]", "[8,0]"), 8, "its tensor a lies at [8, 0]");
        refused(one("[1]", "[4,8]"), 8, "its tensor a begins at byte 4, after a gap");
        refused(one("[2]", "[0,8]"), 12, "its tensors end at byte 8 of 12");
        refused(one("[-2]", "[0,8]"), 8, "its tensor a has the size or place -2");
        refused(one("[2.5]", "[0,8]"), 8, "its tensor a has the size or place 2.5");
        refused(one("[9223372036854775807,4]", "[0,8]"), 8, "its tensor a is wrong: it has the sizes");
        refused(one("2", "[0,8]"), 8, "its tensor a lacks its shape or its place");
    }

    @Test
    void overlapsAreRefused() throws IOException {
        refused("""
                {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "its tensor b begins at byte 4, inside another one");
    }

    @Test
    void aHeaderThatIsNoHeaderIsRefused() throws IOException {
        refused("{\"a\":", 0, "its header is not JSON");
        refused("{} x", 0, "its header is not JSON");
        refused(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}",
                0,
                "Duplicate field 'a'");
        refused(
                "{\"a\":{\"dtype\":\"F4\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                1,
                "has the type \"F4\", not one of");
    }

    @Test
    void aHeaderLongerThanTheFileIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(write("{}", new byte[0]));
        for (long length : new long[] {3, 100_000_001, Long.MAX_VALUE, -1}) {
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            Path file = Files.write(folder.resolve("long.safetensors"), bytes);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> WeightFile.open(file))
                    .withMessageContaining("its header claims");
        }
    }

    private static String one(String shape, String offsets) {
        return "{\"a\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}}";
    }

    private void refused(String header, int dataBytes, String reason) throws IOException {
        Path file = write(header, new byte[dataBytes]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightFile.open(file))
                .withMessageContaining(reason);
    }

    private Path write(String header, byte[] data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(Long.BYTES + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(json.length).put(json).put(data);
        return Files.write(folder.resolve("file.safetensors"), bytes.array());
    }
}
