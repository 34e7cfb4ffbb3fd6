package org.capi.data.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.Tensor;

/** What a stream shows, sample by sample, for tests to compare. */
final class StreamContent {

    private StreamContent() {}

    /** One sample: all pixels of its crop, and its patches as positions in its own grid. */
    record Shown(List<Byte> pixels, List<Long> visible, List<Long> predicted) {}

    /** The samples of so many batches. */
    static List<Shown> take(BatchStream stream, int batches) {
        List<Shown> samples = new ArrayList<>();
        for (int b = 0; b < batches; b++) {
            try (Batch batch = stream.next()) {
                samples.addAll(samples(batch));
            }
        }
        return samples;
    }

    private static List<Shown> samples(Batch batch) {
        int rows = (int) batch.images().shape().get(0);
        byte[] pixels = new byte[(int) batch.images().numBytes()];
        batch.images().asRawTensor().data().read(pixels);
        long[] visible = longs(batch.visible());
        long[] predicted = longs(batch.predicted());
        // Visible patches are ascending and those of the first row begin below the grid's size, as everywhere.
        return IntStream.range(0, rows)
                .mapToObj(row -> new Shown(
                        bytes(Arrays.copyOfRange(pixels, row * pixels.length / rows, (row + 1) * pixels.length / rows)),
                        inGrid(visible, row, rows, batch),
                        inGrid(predicted, row, rows, batch)))
                .toList();
    }

    /** The tests' patches are 4 pixels wide. */
    private static List<Long> inGrid(long[] all, int row, int rows, Batch batch) {
        long tokens =
                batch.images().shape().get(1) / 4 * (batch.images().shape().get(2) / 4);
        return Arrays.stream(all, row * all.length / rows, (row + 1) * all.length / rows)
                .map(position -> position - row * tokens)
                .boxed()
                .toList();
    }

    private static long[] longs(Tensor tensor) {
        long[] values = new long[(int) (tensor.numBytes() / Long.BYTES)];
        tensor.asRawTensor().data().asLongs().read(values);
        return values;
    }

    private static List<Byte> bytes(byte[] bytes) {
        List<Byte> list = new ArrayList<>(bytes.length);
        for (byte b : bytes) {
            list.add(b);
        }
        return list;
    }
}
