package org.capi.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.BitSet;
import java.util.stream.LongStream;
import org.capi.data.mask.MaskGenerator.UniformMask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SampleOrderTest {

    private static final int MILLION = 1_000_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void allWorkersTogetherShowEachOfAMillionRowsOnceInEveryOneOfThreeEpochs(int world) {
        int batch = 25; // so that an epoch ends with a step of 1, 2 and 4 workers
        long steps = 3L * MILLION / ((long) batch * world);
        BitSet[] epochs = {new BitSet(MILLION), new BitSet(MILLION), new BitSet(MILLION)};
        for (int rank = 0; rank < world; rank++) {
            BatchSettings settings = settings(batch, rank, world);
            var order = new SampleOrder(settings.seed(), MILLION);
            for (long step = 0; step < steps; step++) {
                for (int row = 0; row < batch; row++) {
                    long position = settings.position(step, row);
                    BitSet seen = epochs[(int) (position / MILLION)];
                    int shown = (int) order.at(position);

                    seen.set(shown);
                }
            }
        }
        // As many samples as rows were shown in each epoch, so none came twice where none is missing.
        for (BitSet seen : epochs) {
            assertThat(seen.cardinality()).isEqualTo(MILLION);
            assertThat(seen.length()).isEqualTo(MILLION);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void aStepOfSeveralWorkersShowsTheRowsThatOneWorkerWithALargerBatchShows(int world) {
        BatchSettings alone = settings(12, 0, 1);
        for (long step = 0; step < 20; step++) {
            for (int rank = 0; rank < world; rank++) {
                BatchSettings worker = settings(12 / world, rank, world);
                for (int row = 0; row < 12 / world; row++) {
                    assertThat(worker.position(step, row)).isEqualTo(alone.position(step, rank * (12 / world) + row));
                }
            }
        }
    }

    @Test
    void theNextEpochAndAnotherSeedHaveAnotherOrder() {
        var order = new SampleOrder(3, 1000);
        assertThat(rows(order, 0, 1000))
                .isNotEqualTo(rows(order, 1000, 2000))
                .isNotEqualTo(rows(new SampleOrder(4, 1000), 0, 1000));
        assertThat(rows(order, 1000, 2000))
                .containsExactly(LongStream.range(0, 1000)
                        .map(index -> order.at(1, index))
                        .toArray());
        long unmoved = LongStream.range(0, 1000)
                .filter(i -> order.at(i) == order.at(1000 + i))
                .count();
        assertThat(unmoved).isLessThan(10); // 1 is expected by chance
    }

    @Test
    void theOrderOfASeedIsWhatItHasAlwaysBeen() {
        assertThat(rows(new SampleOrder(1, 1000), 0, 5)).containsExactly(449, 342, 309, 533, 674);
    }

    @Test
    void aHundredMillionRowsTakeNoMemory() {
        int rows = 100 * MILLION;
        var bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long sum = 0;
        long before = bean.getCurrentThreadAllocatedBytes();
        var order = new SampleOrder(1, rows);
        for (int i = 0; i < MILLION; i++) {
            sum += order.at(97L * i);
        }
        long allocated = bean.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).isLessThan(10_000);
        assertThat(sum / MILLION).isBetween(49_800_000L, 50_200_000L); // 7 standard errors of the mean row
    }

    @Test
    void anEndOfAHundredMillionRowsIsReachedWithoutTheBeginning() {
        int rows = 100 * MILLION;
        var order = new SampleOrder(1, rows);
        var seen = new BitSet(rows);
        for (long i = (long) rows - MILLION; i < rows; i++) {
            seen.set((int) order.at(5, i));
        }
        assertThat(seen.cardinality()).isEqualTo(MILLION);
        assertThat(seen.length()).isLessThanOrEqualTo(rows);
    }

    @Test
    void noRowsHaveNoOrder() {
        assertThatThrownBy(() -> new SampleOrder(1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an order needs at least 1 row, was 0");
    }

    private static long[] rows(SampleOrder order, long from, long to) {
        return LongStream.range(from, to).map(order::at).toArray();
    }

    private static BatchSettings settings(int batch, int rank, int world) {
        return new BatchSettings(batch, 8, 8, 4, 0.6, 1, true, new UniformMask(), 0.5, 0.5, 11, 1, 1, rank, world);
    }
}
