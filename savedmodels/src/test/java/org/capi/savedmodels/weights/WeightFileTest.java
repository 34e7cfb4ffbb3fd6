package org.capi.savedmodels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;

class WeightFileTest {

    @TempDir
    Path folder;

    @Test
    void nestedTensorsAreNamedByTheirPath() throws IOException {
        var nested = Map.of("model", Map.of("w", TestPickle.Tensor.dense("0", 2)), "iteration", 41L);
        try (WeightFile file = open(TestZip.of(nested).with("0", 1, 2))) {
            assertThat(file.shapes()).containsExactly(Map.entry("model.w", Shape.of(2)));
            assertThat(file.floats("model.w")).containsExactly(1, 2);
            assertThat(file.number("iteration")).contains(41L);
        }
    }

    @Test
    void aTransposedViewWithAnOffsetIsReadInRowMajorOrder() throws IOException {
        // Rows 1 2 3 and 4 5 6 behind one number of another tensor, seen as columns.
        var view = new TestPickle.Tensor("0", 7, 1, List.of(3L, 2L), List.of(1L, 3L));
        try (WeightFile file = open(TestZip.of(Map.of("w", view)).with("0", 9, 1, 2, 3, 4, 5, 6))) {
            assertThat(file.floats("w")).containsExactly(1, 4, 2, 5, 3, 6);
        }
    }

    @Test
    void tensorsMayShareAStorage() throws IOException {
        Map<String, Object> tied = new LinkedHashMap<>();
        tied.put("a", new TestPickle.Tensor("0", 3, 0, List.of(2L), List.of(1L)));
        tied.put("b", new TestPickle.Tensor("0", 3, 1, List.of(2L), List.of(1L)));
        try (WeightFile file = open(TestZip.of(tied).with("0", 1, 2, 3))) {
            assertThat(file.floats("a")).containsExactly(1, 2);
            assertThat(file.floats("b")).containsExactly(2, 3);
        }
    }

    @Test
    void bytesInTheOtherOrderAreTurned() throws IOException {
        var zip = TestZip.of(Map.of("w", TestPickle.Tensor.dense("0", 1)))
                .with("a/byteorder", "big".getBytes(StandardCharsets.US_ASCII))
                .with("a/data/0", new byte[] {0x3f, (byte) 0x80, 0, 0});
        try (WeightFile file = open(zip)) {
            assertThat(file.floats("w")).containsExactly(1);
        }
    }

    @Test
    void anUnknownWeightIsNamed() throws IOException {
        try (WeightFile file = open(TestZip.of(Map.of()))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> file.floats("w"))
                    .withMessageEndingWith("has no weight w");
        }
    }

    @Test
    void aViewThatLeavesItsStorageIsRefused() {
        refused(view(2, 1, List.of(2L), List.of(1L)).with("0", 1, 2), "it reaches number 2 of a storage of 2");
        refused(view(2, 0, List.of(2L), List.of(Long.MAX_VALUE)).with("0", 1, 2), "it reaches number");
        refused(view(2, 0, List.of(3L), List.of(Long.MAX_VALUE)).with("0", 1, 2), "it has the sizes [3]");
        refused(view(2, 0, List.of(2L), List.of(-1L)).with("0", 1, 2), "the strides [-1]");
        refused(view(2, -1, List.of(2L), List.of(1L)).with("0", 1, 2), "it reaches number 0 of a storage");
        refused(view(2, 0, List.of(2L, 1L), List.of(1L)).with("0", 1, 2), "the sizes [2, 1] but the strides [1]");
    }

    @Test
    void aViewThatRepeatsItsStorageIsRefused() {
        var sizes = List.of(1L << 40, 1L << 20);
        refused(view(2, 0, sizes, List.of(0L, 0L)).with("0", 1, 2), "it repeats a storage of 2 numbers");
    }

    @Test
    void manyTensorsOfOneStorageAreRefused() {
        Map<String, Object> tied = new LinkedHashMap<>();
        float[] numbers = new float[100_000];
        for (int i = 0; i < 100; i++) {
            tied.put("w" + i, TestPickle.Tensor.dense("0", numbers.length));
        }
        refused(TestZip.of(tied).with("0", numbers), "its tensors are 16 times as large as the file");
    }

    @Test
    void aRecordOfAnotherLengthIsRefused() {
        refused(view(3, 0, List.of(2L), List.of(1L)).with("0", 1, 2), "record data/0 has 8 bytes");
        refused(view(2, 0, List.of(2L), List.of(1L)), "it has no record data/0");
    }

    @Test
    void nothingIsCalled() {
        refused(raw("cos\nsystem\nX\4\0\0\0true\u0085R"), "it asks for os.system, which no file of weights needs");
        refused(raw("cbuiltins\neval\n"), "it asks for builtins.eval");
        refused(raw("ctorch\nload\n"), "it asks for torch.load");
        refused(raw("\u008c\2os\u008c\6system\u0093"), "it asks for os.system");
        refused(raw("(ios\nsystem\n"), "the opcode 0x69 at byte 3");
        refused(raw("(cos\nsystem\no"), "it asks for os.system");
        refused(raw("ccollections\nOrderedDict\n)\u0081"), "the opcode 0x81");
        refused(raw("\u0082\1"), "the opcode 0x82");
        refused(raw("}(X\1\0\0\0aK\1ub"), "takes more from its stack");
        refused(raw("ctorch\nFloatStorage\n)R"), "it calls a type of numbers");
    }

    @Test
    void damagedPicklesAreRefused() {
        refused(raw("X\u00ff\u00ff\u00ff\u007f"), "its pickle ends too early");
        refused(raw("h\5"), "recalls something that it never noted: 5");
        refused(raw("t"), "ends a list that it never began");
        refused(raw("}("), "ends with something left over");
        refused(raw("}}"), "ends with something left over");
        refused(raw("K\1"), "it holds no dictionary of tensors");
        refused(raw("}(K\1u"), "a key without a value");
        refused(raw("}]K\1s"), "a key that is neither text nor a whole number");
        refused(raw("\u008a\u00ff"), "byte 4 wants 255 more, 1 are left");
        refused(new TestZip().with("a/data.pkl", new byte[0]), "its pickle ends too early");
        refused(new TestZip().with("a/data.pkl", new byte[] {'}', '.'}), "does not begin with a protocol");
        refused(new TestZip().with("a/b", new byte[0]), "it has no record data.pkl");
    }

    @Test
    void whatHoldsItselfIsRefused() {
        refused(raw("}q\0X\1\0\0\0ah\0s"), "nested without end");
        refused(raw("}X\1\0\0\0a]q\0h\0as"), "nested without end");
    }

    @Test
    void aSmallFileThatUnfoldsToALargeOneIsRefused() {
        refused(raw("}X\1\0\0\0a" + nested(27) + "s"), "nested without end");
    }

    @Test
    void aNameThatIsGivenTwiceIsRefused() {
        refused(raw("}(X\1\0\0\0aK\1X\1\0\0\0aK\2u"), "it names a twice");
        refused(TestZip.of(Map.of("a.b", 1L, "a", Map.of("b", 2L))), "it names a.b twice");
    }

    @Test
    void archivesThatPyTorchNeverWritesAreRefused() {
        refused(TestZip.of(Map.of()).compressed(), "compressed or encrypted");
        refused(TestZip.of(Map.of()).with("a/../../etc/x", new byte[1]), "leaves the archive");
        refused(TestZip.of(Map.of()).with("/etc/x", new byte[1]), "leaves the archive");
        refused(TestZip.of(Map.of()).with("b/x", new byte[1]), "not in the folder of the others");
        refused(TestZip.of(Map.of()).with("a/byteorder", new byte[1]), "neither little nor big");
    }

    @Test
    void anyCutOfAFileIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(TestZip.of(Map.of("w", TestPickle.Tensor.dense("0", 2)))
                .with("0", 1, 2)
                .write(folder.resolve("whole.pth")));
        for (int length = 0; length < whole.length; length++) {
            Path cut = Files.write(folder.resolve("cut.pth"), Arrays.copyOf(whole, length));
            assertThatIllegalArgumentException()
                    .as("the first " + length + " bytes")
                    .isThrownBy(() -> WeightFile.open(cut))
                    .withMessageStartingWith("cannot read weights from " + cut + ": ");
        }
    }

    @Test
    void anyFlippedByteIsRefusedOrLeavesTheWeightsAlone() throws IOException {
        byte[] whole = Files.readAllBytes(TestZip.of(Map.of("w", TestPickle.Tensor.dense("0", 2)))
                .with("0", 1, 2)
                .write(folder.resolve("whole.pth")));
        int refused = 0;
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] = (byte) (flipped[at] ^ (1 << (at % 8)));
            Path file = Files.write(folder.resolve("flipped.pth"), flipped);
            try (WeightFile read = WeightFile.open(file)) {
                assertThat(read.floats("w")).containsExactly(1, 2);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith("cannot read weights from " + file + ": ");
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(whole.length / 3);
    }

    @Test
    void aMissingFileIsNamed() {
        Path nowhere = folder.resolve("nowhere.pth");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightFile.open(nowhere))
                .withMessage("no weights file: " + nowhere);
    }

    /** A list that holds twice a list that holds twice ... */
    private static String nested(int levels) {
        if (levels == 0) {
            return "]";
        }
        return "](" + nested(levels - 1) + "q" + (char) levels + "h" + (char) levels + "e";
    }

    private static TestZip view(long storage, long offset, List<Long> sizes, List<Long> strides) {
        return TestZip.of(Map.of("w", new TestPickle.Tensor("0", storage, offset, sizes, strides)));
    }

    private static TestZip raw(String opcodes) {
        return TestZip.of(new TestPickle.Raw(opcodes));
    }

    private WeightFile open(TestZip zip) throws IOException {
        return WeightFile.open(zip.write(folder.resolve("file.pth")));
    }

    private void refused(TestZip zip, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open(zip))
                .withMessageStartingWith("cannot read weights from " + folder.resolve("file.pth") + ": ")
                .withMessageContaining(reason);
    }
}
