package org.capi.spark;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * A model as one file, which is handed to every executor and unpacked there.
 *
 * @param file on the driver's machine, deleted when the driver ends
 * @param fingerprint SHA-256 of the names and contents of the model's files, as 64 hexadecimal digits
 */
record ModelArchive(Path file, String fingerprint) {

    private static final String SUFFIX = ".zip";
    private static final int PART_BYTES = 64 << 20;

    /** Packs a folder. Equal folders have equal fingerprints, wherever they lie. */
    static ModelArchive pack(Path model) throws IOException {
        Path folder = Files.createTempDirectory("capi-model");
        Path packed = folder.resolve("model" + SUFFIX);
        MessageDigest digest = sha256();
        try (var zip = new ZipOutputStream(Files.newOutputStream(packed));
                var sum = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            zip.setLevel(Deflater.NO_COMPRESSION); // weights hardly shrink
            for (Path file : files(model)) {
                String name = model.relativize(file).toString().replace('\\', '/');
                digest.update((name + '\n' + Files.size(file) + '\n').getBytes(StandardCharsets.UTF_8));
                zip.putNextEntry(new ZipEntry(name));
                Files.copy(file, zip);
                Files.copy(file, sum);
                zip.closeEntry();
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        String fingerprint = HexFormat.of().formatHex(digest.digest());
        folder.toFile().deleteOnExit();
        packed.toFile().deleteOnExit(); // the file first
        return new ModelArchive(packed, fingerprint);
    }

    /**
     * The archive in parts that Spark hands to each executor once. Files of an application would be simpler, but tasks
     * of a session of Spark SQL get only the files of that session.
     */
    Shared share(SparkContext spark) throws IOException {
        var sharing = JavaSparkContext.fromSparkContext(spark);
        List<Broadcast<byte[]>> parts = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file)) {
            for (byte[] part = in.readNBytes(PART_BYTES); part.length > 0; part = in.readNBytes(PART_BYTES)) {
                parts.add(sharing.broadcast(part));
            }
        }
        return new Shared(fingerprint, parts);
    }

    /** A model on its way to the executors. */
    record Shared(String fingerprint, List<Broadcast<byte[]>> parts) implements Serializable {

        /** Unpacks it to a new folder below another, one part in memory at a time. */
        @SuppressWarnings("JdkObsolete") // SequenceInputStream takes nothing but an Enumeration
        Path unpack(Path below) throws IOException {
            Path folder = Files.createTempDirectory(below, "capi-model");
            Iterator<Broadcast<byte[]>> each = parts.iterator();
            Enumeration<InputStream> streams = new Enumeration<>() {
                @Override
                public boolean hasMoreElements() {
                    return each.hasNext();
                }

                @Override
                public InputStream nextElement() {
                    return new ByteArrayInputStream(each.next().value());
                }
            };
            try (var zip = new ZipInputStream(new SequenceInputStream(streams))) {
                for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                    Path to = folder.resolve(entry.getName());
                    Files.createDirectories(to.getParent());
                    Files.copy(zip, to);
                }
            }
            return folder;
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
