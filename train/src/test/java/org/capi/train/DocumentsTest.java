package org.capi.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.capi.train.config.ConfigFile;
import org.junit.jupiter.api.Test;

/** The documents about the code. */
class DocumentsTest {

    private static final Path ROOT = Path.of(System.getProperty("capi.root", ".."));
    private static final List<String> MODULES = List.of("graph", "data", "savedmodels", "eval", "train");
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern CLASS = Pattern.compile("[A-Z][a-z]\\w*[a-z]\\w*(\\.[A-Z][a-z]\\w*)?");
    private static final Pattern DECLARED = Pattern.compile("\\b(?:class|record|enum|interface) ([A-Z]\\w+)");

    /** Of the JDK and of TensorFlow, and names that the code does not have. */
    private static final Set<String> OTHERS = Set.of(
            "Session",
            "Graph",
            "Tensor",
            "ConfigProto",
            "IllegalArgumentException",
            "Utils",
            "Helper",
            "Manager",
            "Impl",
            "Outer.Nested");

    @Test
    void theClassesThatTheyNameExist() throws IOException {
        Set<String> declared = new HashSet<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
                for (Path file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    DECLARED.matcher(Files.readString(file)).results().forEach(found -> declared.add(found.group(1)));
                }
            }
        }
        assertThat(declared).hasSizeGreaterThan(300);
        Set<String> others = new HashSet<>(OTHERS);
        others.addAll(ConfigFile.presets()); // such as Adcab
        Set<String> named = new TreeSet<>();
        Stream.concat(Stream.of("ARCHITECTURE.md"), MODULES.stream().map(module -> module + "/README.md"))
                .map(ROOT::resolve)
                .forEach(document -> CODE.matcher(read(document)).results().forEach(code -> {
                    if (CLASS.matcher(code.group(1)).matches() && !others.contains(code.group(1))) {
                        named.addAll(List.of(code.group(1).split("\\.")));
                    }
                }));
        assertThat(named).hasSizeGreaterThan(60);
        assertThat(declared).containsAll(named);
    }

    private static String read(Path document) {
        try {
            return Files.readString(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
