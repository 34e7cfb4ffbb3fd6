package org.capi.train.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.capi.data.Progress;
import org.capi.eval.search.ExactKnn.Distance;
import org.capi.eval.search.ExactKnn.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class KnnBenchTest {

    private static final Progress UNHEARD = (done, total) -> {};

    @TempDir
    Path folder;

    @Test
    void theFileHasTheRowsOfTheBankInMemory() throws IOException {
        int rows = RandomRows.CHUNK + 37;
        try (var bank = RandomRows.mapped(folder.resolve("bank.arrow"), rows, 5, 3, UNHEARD)) {
            assertThat(bank.toArray()).isEqualTo(RandomRows.of(rows, 5, 3).toArray());
        }
    }

    @Test
    void aBankThatIsThereIsSearchedAndNotDrawnAgain() throws IOException {
        Path file = folder.resolve("bank.arrow");
        String options =
                "--bank=300 --queries=20 --dim=8 --classes=4 --pixels=4 --k=3 --metric=cosine --precision=FLOAT32"
                        + " --threads=1 --mapped=" + file;
        var bench = CommandLine.populateCommand(new KnnBench(), options.split(" "));
        assertThat(bench.run(UNHEARD, UNHEARD).mapped()).isTrue();
        var written = Files.getLastModifiedTime(file);
        Progress drawing = (done, total) -> {
            throw new IllegalStateException("drawn again");
        };
        assertThat(bench.run(drawing, UNHEARD).queries()).isEqualTo(20);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(written);
    }

    @Test
    void memoryThatTheSystemDoesNotTellIsLeftOut() {
        var times = new KnnBench.KnnTimes(300, 20, 8, 3, Distance.COSINE, Precision.FLOAT32, 1, false, 2, 10, null);
        assertThat(times).hasToString("10.0 queries/s (300 rows of 8, k 3, cosine, float32, threads 1)");
        var memory = new ClusteringBench.ClusteringMemory("standard", 1, 1, 2, 3 << 20, null, null, 1.5);
        assertThat(memory).hasToString("standard: memory unknown on this system, the logits' 3 MiB, in 1.5 s");
    }

    @Test
    void aBankOfAnotherSizeIsRefused() throws IOException {
        Path file = folder.resolve("bank.arrow");
        RandomRows.mapped(file, 10, 4, 0, UNHEARD).close();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RandomRows.mapped(file, 11, 4, 0, UNHEARD))
                .withMessage("the bank must have 11 rows of 4, " + file + " has 10 rows of 4");
    }
}
