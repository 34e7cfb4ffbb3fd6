package org.capi.savedmodels;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The SHA-256 of every file of a model, in the form that the command {@code sha256sum -c} reads from the model's
 * folder.
 */
final class ModelChecksums {

    static final String FILE = SavedModelWriter.EXTRA + "/SHA256SUMS";

    private static final String GAP = "  ";

    private ModelChecksums() {}

    /** Writes the sums of all files in a folder. */
    static void write(Path folder) throws IOException {
        var lines = new StringBuilder();
        for (Path file : files(folder)) {
            lines.append(sha256(file))
                    .append(GAP)
                    .append(folder.relativize(file))
                    .append('\n');
        }
        Files.createDirectories(folder.resolve(SavedModelWriter.EXTRA));
        Files.writeString(folder.resolve(FILE), lines);
    }

    /**
     * Refuses a model of which a file is gone or is not as it was written, or that has a file more, with the file's
     * name.
     */
    static void verify(Path folder) throws IOException {
        Path root = folder.toRealPath();
        Path sums = root.resolve(FILE);
        if (!Files.isRegularFile(sums)) {
            throw unverifiable(folder, "it has no file " + FILE);
        }
        List<String> lines;
        try {
            lines = Files.readAllLines(sums);
        } catch (CharacterCodingException e) {
            throw damaged(folder, "its file " + FILE + " is not UTF-8");
        }
        Set<Path> listed = new HashSet<>(Set.of(sums));
        for (String line : lines) {
            int gap = line.indexOf(GAP);
            if (gap < 0) {
                throw damaged(folder, "its file " + FILE + " has the line '" + line + "'");
            }
            String name = line.substring(gap + GAP.length());
            Path file = root.resolve(name).normalize();
            if (!file.startsWith(root) || !Files.isRegularFile(file)) {
                throw damaged(folder, "it lacks the file " + name);
            }
            if (!sha256(file).equals(line.substring(0, gap))) {
                throw damaged(folder, "the file " + name + " has other bytes than were written");
            }
            listed.add(file);
        }
        if (listed.size() == 1) {
            throw unverifiable(folder, "its file " + FILE + " is empty");
        }
        for (Path file : files(root)) {
            if (!listed.contains(file)) {
                throw unverifiable(folder, "its file " + root.relativize(file) + " is not in the list " + FILE);
            }
        }
    }

    private static IllegalArgumentException unverifiable(Path folder, String why) {
        return new IllegalArgumentException("the model " + folder + " cannot be verified: " + why);
    }

    private static IllegalArgumentException damaged(Path folder, String how) {
        return new IllegalArgumentException("the model " + folder + " is damaged: " + how);
    }

    /** All that is not a folder, also behind links. */
    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return all.filter(file -> !Files.isDirectory(file)).sorted().toList();
        } catch (UncheckedIOException e) {
            throw new IOException("cannot list the model " + folder + ": " + e.getCause(), e);
        }
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
