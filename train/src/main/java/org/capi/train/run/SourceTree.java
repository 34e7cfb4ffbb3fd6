package org.capi.train.run;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Optional;

/** The git checkout that the running program was built in. */
public final class SourceTree {

    private SourceTree() {}

    /** The commit of the checkout, with {@code -dirty} after it when files differ from it; empty outside a checkout. */
    public static Optional<String> commit() {
        CodeSource code = SourceTree.class.getProtectionDomain().getCodeSource();
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

    /** The commit of the checkout that holds a folder. */
    static Optional<String> commitOf(Path folder) {
        return git(folder, "rev-parse", "HEAD")
                .map(commit -> git(folder, "status", "--porcelain", "--untracked-files=no")
                        .filter(String::isEmpty)
                        .map(clean -> commit)
                        .orElse(commit + "-dirty"));
    }

    private static Optional<String> git(Path folder, String... arguments) {
        var command = new String[arguments.length + 1];
        command[0] = "git";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
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
