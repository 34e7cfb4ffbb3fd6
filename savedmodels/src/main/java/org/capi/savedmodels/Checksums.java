package org.capi.savedmodels;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The SHA-256 of every file of a model, in the form that the command {@code sha256sum -c} reads from the model's folder.
 */
final class Checksums {

    static final String FILE = SavedModelWriter.EXTRA + "/SHA256SUMS";

    private static final int BUFFER = 1 << 20;
    private static final String GAP = "  ";

    private Checksums() {}

    /** Sums up what a folder holds. */
    static void write(Path folder) throws IOException {
        var lines = new StringBuilder();
        for (Path file : files(folder)) {
            lines.append(sha256(file))
                    .append(GAP)
                    .append(folder.relativize(file))
                    .append('\n');
        }
        Files.writeString(
                Files.createDirectories(folder.resolve(SavedModelWriter.EXTRA)).resolve("SHA256SUMS"), lines);
    }

    /** Refuses a model of which a file is gone or is not as it was written, with the file's name. */
    static void verify(Path folder) throws IOException {
        Path sums = folder.resolve(FILE);
        if (!Files.isRegularFile(sums)) {
            throw new IllegalArgumentException("the model " + folder + " cannot be verified: it has no file " + FILE);
        }
        for (String line : Files.readAllLines(sums)) {
            int gap = line.indexOf(GAP);
            if (gap < 0) {
                throw new IllegalArgumentException(
                        "the model " + folder + " is damaged: its file " + FILE + " has the line '" + line + "'");
            }
            String name = line.substring(gap + GAP.length());
            Path file = folder.resolve(name).normalize();
            if (!file.startsWith(folder.normalize()) || !Files.isRegularFile(file)) {
                throw new IllegalArgumentException("the model " + folder + " is damaged: it lacks the file " + name);
            }
            if (!sha256(file).equals(line.substring(0, gap))) {
                throw new IllegalArgumentException(
                        "the model " + folder + " is damaged: the file " + name + " has other bytes than were written");
            }
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[BUFFER];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
