package org.capi.train.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** The help of every command, as a terminal of 80 columns shows it. */
class HelpTest {

    private static final int COLUMNS = 80;

    static Stream<CommandLine> commands() {
        return below(Main.line(silent(), new CapiCommand()));
    }

    private static Stream<CommandLine> below(CommandLine command) {
        return Stream.concat(
                Stream.of(command), command.getSubcommands().values().stream().flatMap(HelpTest::below));
    }

    private static Console silent() {
        var nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        return new Console(nowhere, nowhere, false);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void itsExamplesCanBePasted(CommandLine command) {
        List<String> examples = examples(command);
        boolean root = command.getParent() == null;
        assertThat(examples.isEmpty())
                .as(command.getCommandSpec().qualifiedName())
                .isEqualTo(root);
        for (String example : examples) {
            String[] words = example.split(" +");
            assertThat(words[0]).isEqualTo("./capi");
            assertThatCode(() -> Main.line(silent(), new CapiCommand())
                            .parseArgs(List.of(words).subList(1, words.length).toArray(String[]::new)))
                    .as(example)
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void noLineOfItsFooterIsTooLong(CommandLine command) {
        for (String line : command.getCommandSpec().usageMessage().footer()) {
            assertThat(line).as(command.getCommandSpec().qualifiedName()).hasSizeLessThanOrEqualTo(COLUMNS);
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void itsDescriptionsAreSentences(CommandLine command) {
        var spec = command.getCommandSpec();
        String description = String.join(" ", spec.usageMessage().description());
        assertThat(description).as(spec.qualifiedName()).matches("[A-Z].*[.]");
        for (var argument : spec.args()) {
            String text = String.join(" ", argument.description());
            if (!text.contains("imagefolder: ")) { // a list
                assertThat(text)
                        .as(spec.qualifiedName() + " " + argument.paramLabel())
                        .matches("[A-Z].*[.]");
            }
        }
    }

    /** The commands after "Example:", those of several lines put together. */
    private static List<String> examples(CommandLine command) {
        List<String> found = new ArrayList<>();
        boolean continued = false;
        for (String line : command.getCommandSpec().usageMessage().footer()) {
            String text = line.strip();
            if (continued) {
                found.set(found.size() - 1, found.get(found.size() - 1) + " " + text);
            } else if (text.startsWith("./capi ") && !text.startsWith("./capi COMMAND")) {
                found.add(text);
            }
            continued = text.endsWith("\\") && !found.isEmpty();
            if (continued) {
                String last = found.get(found.size() - 1);
                found.set(found.size() - 1, last.substring(0, last.length() - 1).strip());
            }
        }
        return found;
    }
}
