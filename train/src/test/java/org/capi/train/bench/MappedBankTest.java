package org.capi.train.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.capi.data.Progress;
import org.capi.eval.search.Metric;
import org.capi.eval.search.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedBankTest {

    private static final Progress UNHEARD = (done, total) -> {};

    @TempDir
    Path folder;

    @Test
    void theFileHasTheRowsOfTheBankInMemory() throws IOException {
        int rows = RandomRows.PIECE + 37;
        try (var bank = MappedBank.open(folder.resolve("bank.arrow"), rows, 5, 3, UNHEARD)) {
            assertThat(bank.toArray()).isEqualTo(RandomRows.of(rows, 5, 3).toArray());
        }
    }

    @Test
    void aBankThatIsThereIsSearchedAndNotDrawnAgain() throws IOException {
        Path file = folder.resolve("bank.arrow");
        var bench = new KnnBench(300, 20, 8, 4, 4, 3, Metric.COSINE, Precision.FLOAT32, 1, file);
        assertThat(bench.run(UNHEARD, UNHEARD).mapped()).isTrue();
        var written = Files.getLastModifiedTime(file);
        Progress drawing = (done, total) -> {
            throw new IllegalStateException("drawn again");
        };
        assertThat(bench.run(drawing, UNHEARD).queries()).isEqualTo(20);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(written);
    }

    @Test
    void aBankOfAnotherSizeIsRefused() throws IOException {
        Path file = folder.resolve("bank.arrow");
        MappedBank.open(file, 10, 4, 0, UNHEARD).close();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MappedBank.open(file, 11, 4, 0, UNHEARD))
                .withMessage("the bank must have 11 rows of 4, " + file + " has 10 rows of 4");
    }
}
