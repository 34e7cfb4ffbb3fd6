package org.capi.train.run;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.capi.data.arrow.DatasetInfo;
import org.jspecify.annotations.Nullable;
import org.tensorflow.TensorFlow;

/**
 * {@code run.json}, written when a run starts: program, command line, time and images.
 *
 * @param commit the commit of the source tree that the program was built from, or null outside one
 * @param commandLine as it was given; its relative paths start from {@code folder}
 * @param folder the working directory, or null in a record of an older version
 * @param started when, in ISO 8601
 * @param data the image sets, in the order in which they were named
 */
public record RunRecord(
        String version,
        @Nullable String commit,
        String tensorflow,
        String java,
        String system,
        List<String> commandLine,
        @Nullable String folder,
        String started,
        List<ImageSet> data) {

    /**
     * A dataset that the run trains on.
     *
     * @param path absolute, {@code DIR[:SPLIT]}; as it was given on the command line in a record of an older version
     * @param fingerprint of the images, see {@link DatasetInfo#fingerprint}; null in a record of an older version
     */
    public record ImageSet(
            String path, long images, @Nullable String fingerprint) {

        public ImageSet {
            if (path == null || path.isBlank()) {
                throw new IllegalArgumentException("an image set must have a path");
            }
        }
    }

    public RunRecord {
        commandLine = List.copyOf(commandLine);
        data = List.copyOf(data);
    }

    public static RunRecord now(List<String> commandLine, List<ImageSet> data) {
        String version = RunRecord.class.getPackage().getImplementationVersion();
        return new RunRecord(
                version == null ? "development" : version,
                sourceCommit().orElse(null),
                TensorFlow.version(),
                System.getProperty("java.version"),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                commandLine,
                Path.of("").toAbsolutePath().toString(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                data);
    }

    /** The commit of the checkout that the program was built in; empty outside one. */
    private static Optional<String> sourceCommit() {
        CodeSource code = RunRecord.class.getProtectionDomain().getCodeSource();
        if (code == null || code.getLocation() == null) {
            return Optional.empty();
        }
        try {
            Path place = Path.of(new URI(code.getLocation().toString()));
            return commitOf(Files.isDirectory(place) ? place : place.resolveSibling(""));
        } catch (URISyntaxException | IllegalArgumentException e) {
            return Optional.empty(); // not loaded from a file
        }
    }

    /** The commit of the checkout that holds a folder, with {@code -dirty} after it when files differ from it. */
    static Optional<String> commitOf(Path folder) {
        return git(folder, "rev-parse", "HEAD")
                .map(commit -> git(folder, "status", "--porcelain", "--untracked-files=no")
                        .filter(String::isEmpty)
                        .map(clean -> commit)
                        .orElse(commit + "-dirty"));
    }

    private static Optional<String> git(Path folder, String... arguments) {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        try {
            Process git = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (InputStream out = git.getInputStream()) {
                String answer = new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
                return git.waitFor() == 0 ? Optional.of(answer) : Optional.empty();
            }
        } catch (IOException e) {
            return Optional.empty(); // no git on this machine
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
