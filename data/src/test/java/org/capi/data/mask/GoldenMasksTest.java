package org.capi.data.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.capi.data.CounterRandom;
import org.capi.data.RecordedRandom;
import org.capi.data.mask.MaskGenerator.BlockMask;
import org.capi.data.mask.MaskGenerator.Edges;
import org.capi.data.mask.MaskGenerator.InverseBlockMask;
import org.capi.data.mask.MaskGenerator.MaskCounts;
import org.capi.data.mask.MaskGenerator.UniformMask;
import org.capi.golden.Golden;
import org.capi.golden.NpyArray;
import org.junit.jupiter.api.Test;

class GoldenMasksTest {

    private static final Golden GOLDEN = Golden.fixture("masks");
    private static final JsonNode HYPER = GOLDEN.hyper();

    @Test
    void countsAreTruncatedDoubleProducts() {
        NpyArray counts = GOLDEN.array("counts");
        double[] v = counts.doubles();
        for (int i = 0; i < v.length; i += 5) {
            assertThat(MaskCounts.of((int) v[i], v[i + 1], v[i + 2]))
                    .isEqualTo(new MaskCounts((int) v[i], (int) v[i + 3], (int) v[i + 4]));
        }
    }

    @Test
    void blocksFollowFromTheRecordedDraws() {
        long[] meta = GOLDEN.array("exact/meta").longs();
        double[] draws = GOLDEN.array("exact/draws").doubles();
        NpyArray masks = GOLDEN.array("exact/masks");
        byte[] expected = masks.bytes();
        for (int i = 0; i < masks.size(0); i++) {
            int rows = (int) meta[3 * i];
            int columns = (int) meta[3 * i + 1];
            double[] d = Arrays.copyOfRange(draws, 9 * i, 9 * i + 9);
            var recorded = new RecordedRandom()
                    .uniformly(d[0], d[1], d[2])
                    .whole((int) d[4] + 1, (int) d[3])
                    .whole((int) d[6] + 1, (int) d[5])
                    .whole(rows, (int) d[7])
                    .whole(columns, (int) d[8]);
            var block = new BlockMask(HYPER.get("min_aspect").asDouble(), Edges.ROLLED);
            boolean[] mask = block.draw(rows, columns, (int) meta[3 * i + 2], recorded);
            int start = i * masks.size(1);
            assertThat(ones(mask)).as("case %s", i).isEqualTo(Arrays.copyOfRange(expected, start, start + mask.length));
        }
    }

    @Test
    void positionsFollowFromTheRecordedDraws() {
        JsonNode collate = HYPER.get("collate");
        int tokens =
                collate.get("grid").get(0).asInt() * collate.get("grid").get(1).asInt();
        int batch = collate.get("batch").asInt();
        MaskCounts counts = MaskCounts.of(
                tokens,
                collate.get("mask_ratio").asDouble(),
                collate.get("prediction_subsampling").asDouble());
        assertThat(counts.masked()).isEqualTo(collate.get("n_masked").asInt());
        assertThat(counts.predicted()).isEqualTo(collate.get("n_predict").asInt());
        byte[] masks = GOLDEN.array("collate/masks").bytes();
        float[] rand = GOLDEN.array("collate/rand").floats();
        LongStream visible = LongStream.empty();
        LongStream predicted = LongStream.empty();
        for (int image = 0; image < batch; image++) {
            boolean[] mask = new boolean[tokens];
            for (int token = 0; token < tokens; token++) {
                mask[token] = masks[image * tokens + token] == 1;
            }
            var random = new RecordedRandom();
            for (int i = 0; i < counts.masked(); i++) {
                random.uniformly(0, 1, rand[image * counts.masked() + i]);
            }
            long first = (long) image * tokens;
            visible = LongStream.concat(visible, Arrays.stream(MaskGenerator.visible(mask, first)));
            predicted = LongStream.concat(
                    predicted, Arrays.stream(MaskGenerator.predicted(mask, counts.predicted(), first, random)));
        }
        assertThat(visible.toArray())
                .isEqualTo(GOLDEN.array("collate/visible_indices").longs());
        assertThat(predicted.toArray())
                .isEqualTo(GOLDEN.array("collate/predict_indices").longs());
    }

    @Test
    void everyGeneratorsMasksAreDistributedAsTheReferences() {
        int rows = HYPER.get("h").asInt();
        int columns = HYPER.get("w").asInt();
        int n = HYPER.get("n").asInt();
        for (JsonNode generator : HYPER.get("generators")) {
            var statistics = new MaskStatistics(rows, columns);
            MaskGenerator masks = generator(generator);
            for (int i = 0; i < n; i++) {
                boolean[] mask =
                        masks.draw(rows, columns, generator.get("n_masked_each").asInt(), CounterRandom.of(3, i));
                statistics.add(mask);
            }
            String folder = generator.get("dir").asText();
            assertFrequencies(
                    statistics.frequencies(), GOLDEN.array(folder + "freq").doubles(), n, folder);
            boolean visibleBlock = masks instanceof InverseBlockMask;
            assertPairs(statistics.horizontalPairs(visibleBlock), folder + "horizontal_pairs_mean_std", n);
            assertCounts(statistics.extents(visibleBlock), folder + "joint_hw");
            if (GOLDEN.has(folder + "top_hist")) {
                assertCounts(statistics.firstRows(visibleBlock), folder + "top_hist");
                assertCounts(statistics.firstColumns(visibleBlock), folder + "left_hist");
            }
            assertPairs(statistics.verticalPairs(visibleBlock), folder + "vertical_pairs_mean_std", n);
        }
    }

    private static MaskGenerator generator(JsonNode node) {
        Edges edges = node.path("roll").asBoolean() ? Edges.ROLLED : Edges.INSIDE;
        return switch (node.get("kind").asText()) {
            case "Uniform" -> new UniformMask();
            case "Block" -> new BlockMask(node.get("min_aspect").asDouble(), edges);
            case "InverseBlock" -> new InverseBlockMask(node.get("min_aspect").asDouble(), edges);
            default -> throw new IllegalStateException("unknown generator " + node);
        };
    }

    /** Both sides are samples of n: six standard errors of their difference, over all cells. */
    private static void assertFrequencies(double[] actual, double[] expected, int n, String folder) {
        for (int cell = 0; cell < expected.length; cell++) {
            double p = (actual[cell] + expected[cell]) / 2;
            assertThat(actual[cell])
                    .as("%s cell %s", folder, cell)
                    .isCloseTo(expected[cell], within(6 * Math.sqrt(2 * p * (1 - p) / n) + 1e-12));
        }
    }

    /** Six standard errors of the difference of two counts. */
    private static void assertCounts(long[] actual, String array) {
        long[] expected = GOLDEN.array(array).longs();
        for (int i = 0; i < expected.length; i++) {
            double error = Math.sqrt((double) Math.max(1, actual[i] + expected[i]));
            assertThat((double) actual[i]).as("%s[%s]", array, i).isCloseTo((double) expected[i], within(6 * error));
        }
    }

    private static void assertPairs(double[] actual, String array, int n) {
        double[] meanAndStd = GOLDEN.array(array).doubles();
        double mean = Arrays.stream(actual).average().orElseThrow();
        double variance = Arrays.stream(actual)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElseThrow();
        assertThat(mean).as(array).isCloseTo(meanAndStd[0], within(6 * meanAndStd[1] * Math.sqrt(2.0 / n) + 1e-9));
        // The standard error of a standard deviation, with room for tails heavier than a normal's.
        assertThat(Math.sqrt(variance))
                .as(array)
                .isCloseTo(meanAndStd[1], within(12 * meanAndStd[1] * Math.sqrt(1.0 / n) + 1e-9));
    }

    private static byte[] ones(boolean[] mask) {
        byte[] ones = new byte[mask.length];
        for (int i = 0; i < ones.length; i++) {
            ones[i] = (byte) (mask[i] ? 1 : 0);
        }
        return ones;
    }
}
