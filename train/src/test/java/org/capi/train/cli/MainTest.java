package org.capi.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MainTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console = new Console(stream(out), stream(err), false);

    @Test
    void helpGoesToStdoutAndListsTheCommands() {
        assertThat(Main.run(console, "--help")).isZero();
        assertThat(text(out)).contains("doctor").contains("Exit status");
        assertThat(text(err)).isEmpty();
    }

    @Test
    void everyCommandHasItsOwnHelp() {
        assertThat(Main.run(console, "doctor", "--help")).isZero();
        assertThat(text(out)).startsWith("Usage: capi doctor").contains("Example: ");
    }

    @Test
    void defaultsAreShownWhereThereAreAny() {
        assertThat(Main.run(console, "export", "--help")).isZero();
        assertThat(text(out))
                .contains("--to=DIR")
                .contains("Default: teacher")
                .doesNotContainPattern("Default: *(\\[])?\\n");
    }

    @Test
    void theVersionIsOneLine() {
        assertThat(Main.run(console, "--version")).isZero();
        assertThat(text(out)).matches("capi \\S+\n");
    }

    @Test
    void anUnknownCommandNamesTheNearestOne() {
        assertThat(Main.run(console, "docter")).isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: unknown command docter; did you mean doctor?\n");
    }

    @Test
    void anUnknownOptionNamesTheNearestOne() {
        assertThat(Main.run(console, "doctor", "--jsn")).isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: unknown option --jsn; did you mean --json?\n");
    }

    @Test
    void aMissingCommandIsWrongUse() {
        assertThat(Main.run(console)).isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: Missing required subcommand; see capi --help\n");
        assertThat(text(out)).isEmpty();
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
