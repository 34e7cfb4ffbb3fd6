package org.capi.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import org.capi.train.loop.NonFiniteGuard.TrainingDivergedException;
import org.capi.train.run.RunFolder.RunLog;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.exceptions.TFResourceExhaustedException;
import picocli.CommandLine.Command;

class FailureTest {

    @BeforeEach
    void noRunHasALog() {
        RunLog.detach();
    }

    @Test
    void wrongInputIsStatusTwo() {
        assertThat(Failure.of(new IllegalArgumentException("optim.betas must be two")))
                .isEqualTo(new Failure(2, "optim.betas must be two", true));
    }

    @Test
    void aFailureAtWorkIsStatusOne() {
        assertThat(Failure.of(new IOException("disk full\nmore")).line()).isEqualTo("disk full");
        assertThat(Failure.of(new IllegalStateException("broken")).status()).isEqualTo(1);
        assertThat(Failure.of(new UncheckedIOException(new NoSuchFileException("/x"))))
                .isEqualTo(new Failure(1, "no such file: /x", true));
    }

    @Test
    void tensorFlowsOwnFailuresAreStatusOneEvenWhenTheySpeakOfArguments() {
        assertThat(Failure.of(new TFInvalidArgumentException("shapes differ\n\tat node")))
                .isEqualTo(new Failure(1, "TensorFlow: shapes differ", true));
        assertThat(Failure.of(new TFResourceExhaustedException("oom")).status()).isEqualTo(1);
    }

    @Test
    void divergenceIsStatusThree() {
        assertThat(Failure.of(new TrainingDivergedException("steps 3, 4 and 5")))
                .isEqualTo(new Failure(3, "steps 3, 4 and 5", true));
    }

    @Test
    void anUnexpectedExceptionIsNamedAndPointsToItsTrace() {
        var shown = run(() -> {
            throw new UnsupportedOperationException("surprise");
        });

        assertThat(shown)
                .isEqualTo("1 capi: unexpected UnsupportedOperationException: surprise; --debug shows the trace\n");
    }

    @Test
    void debugShowsTheTrace() {
        var shown = run(
                () -> {
                    throw new IllegalArgumentException("wrong");
                },
                "--debug");

        assertThat(shown)
                .startsWith("2 capi: wrong\njava.lang.IllegalArgumentException: wrong\n\tat ")
                .contains("FailureTest");
    }

    /** As on Alpine Linux, which has another C library. */
    @Test
    void aLibraryThatDoesNotLoadIsExpectedAndPointsToTheDoctor() {
        assertThat(Failure.of(new UnsatisfiedLinkError("/c/libtensorflow_cc.so.2: no ld-linux-x86-64.so.2")))
                .isEqualTo(new Failure(
                        1,
                        "TensorFlow's library does not load: /c/libtensorflow_cc.so.2: no ld-linux-x86-64.so.2;"
                                + " capi doctor says more",
                        true));
    }

    @Test
    void anErrorOfTheMachineIsOneLineToo() {
        var shown = run(() -> {
            throw new OutOfMemoryError("Java heap space");
        });

        assertThat(shown)
                .startsWith("1 capi: out of memory: the Java heap has ")
                .hasLineCount(1);
    }

    /** A root command that does what a test wants. */
    @Command(name = "capi")
    private record Root(Callable<Integer> work) implements Callable<Integer> {

        @Override
        public Integer call() throws Exception {
            return work.call();
        }
    }

    private static String run(Callable<Integer> work, String... arguments) {
        var err = new ByteArrayOutputStream();
        var stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        int status = Main.run(new Console(stream, stream, false), new Root(work), parsed -> {}, arguments);
        return status + " " + err.toString(StandardCharsets.UTF_8);
    }
}
