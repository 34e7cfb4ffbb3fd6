package org.capi.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.capi.train.config.PretrainConfig.EvaluatedWeights;
import org.junit.jupiter.api.Test;

class ConsoleTest {

    private static final long SECOND = 1_000_000_000L;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private final AtomicLong clock = new AtomicLong(7 * SECOND);

    record Result(double top1, List<String> classNames, EvaluatedWeights weights) {}

    @Test
    void aResultIsOneLineOfJsonInSnakeCase() {
        new Console(stream, stream, false).printJson(new Result(0.5, List.of("tench"), EvaluatedWeights.TEACHER));

        assertThat(shown()).isEqualTo("{\"top1\":0.5,\"class_names\":[\"tench\"],\"weights\":\"teacher\"}\n");
    }

    @Test
    void withoutATerminalALineIsShownNowAndThen() {
        try (var progress = progress("importing", ConsoleProgress.Unit.PIECES, false)) {
            for (int i = 1; i <= 40; i++) {
                clock.addAndGet(SECOND);
                progress.at(i, 40);
            }
        }

        assertThat(shown().lines())
                .containsExactly(
                        "importing 10/40 (25 %), 1.0/s, 30 s left",
                        "importing 20/40 (50 %), 1.0/s, 20 s left",
                        "importing 30/40 (75 %), 1.0/s, 10 s left",
                        "importing 40/40 (100 %), 1.0/s");
    }

    @Test
    void onATerminalABarIsRedrawnInPlace() {
        try (var progress = progress("importing", ConsoleProgress.Unit.PIECES, true)) {
            clock.addAndGet(SECOND);
            progress.at(1, 2);
        }

        assertThat(shown())
                .isEqualTo("\r\u001b[Kimporting [###############...............] 1/2 (50 %), 1.0/s, 1 s left\n");
    }

    @Test
    void aBarThatIsFullEndsItsLine() {
        var progress = progress("importing", ConsoleProgress.Unit.PIECES, true);
        clock.addAndGet(SECOND);
        progress.at(2, 2);

        assertThat(shown()).endsWith(" 2/2 (100 %), 2.0/s\n");
        progress.close();
        assertThat(shown()).endsWith("2.0/s\n").doesNotEndWith("\n\n");
    }

    @Test
    void anUnknownTotalShowsTheRateAlone() {
        var progress = progress("importing", ConsoleProgress.Unit.PIECES, false);
        clock.addAndGet(10 * SECOND);
        progress.at(5, 0);

        assertThat(shown()).isEqualTo("importing 5, 0.5/s\n");
    }

    @Test
    void whatWasReadyBeforeSaysNothingAboutTheSpeed() {
        var progress = progress("importing", ConsoleProgress.Unit.PIECES, false);
        progress.from(1000, 2000);
        clock.addAndGet(10 * SECOND);
        progress.at(1010, 2000);

        assertThat(shown()).isEqualTo("importing 1010/2000 (50 %), 1.0/s, 16 min 30 s left\n");
    }

    @Test
    void bytesAreShownAsMegabytes() {
        var progress = progress("verifying", ConsoleProgress.Unit.BYTES, false);
        clock.addAndGet(10 * SECOND);
        progress.at(2_500_000_000L, 10_000_000_000L);

        assertThat(shown()).isEqualTo("verifying 2500.0 MB/10000.0 MB (25 %), 250.0 MB/s, 30 s left\n");
    }

    @Test
    void anOpenBarEndsItsLineBeforeAnythingElseIsPrinted() {
        var console = new Console(stream, stream, true);
        var progress = new ConsoleProgress(console, "importing", ConsoleProgress.Unit.PIECES, clock::get);
        clock.addAndGet(SECOND);
        progress.at(1, 2);
        console.say("a warning");
        console.print("a result");

        assertThat(shown()).endsWith(" 1 s left\na warning\na result\n");
    }

    private ConsoleProgress progress(String job, ConsoleProgress.Unit unit, boolean terminal) {
        return new ConsoleProgress(new Console(stream, stream, terminal), job, unit, clock::get);
    }

    private String shown() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
