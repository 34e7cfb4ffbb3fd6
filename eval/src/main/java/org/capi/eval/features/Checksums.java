package org.capi.eval.features;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.FileChecksum;

/** Short texts that change when a model or a dataset does. */
final class Checksums {

    private Checksums() {}

    /** Of every file of a model, by name and content. */
    static String ofModel(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        MessageDigest sha = sha256();
        for (Path file : files) {
            add(sha, folder.relativize(file) + " " + FileChecksum.crc32c(file));
        }
        return text(sha);
    }

    /** Of a split's shards and classes, as its description says. */
    static String ofDataset(ImageDataset dataset) {
        MessageDigest sha = sha256();
        for (DatasetInfo.ShardInfo shard : dataset.info().shards()) {
            add(sha, shard.rows() + " " + shard.bytes() + " " + shard.crc32c());
        }
        dataset.classes().forEach(name -> add(sha, name));
        return text(sha);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static void add(MessageDigest sha, String line) {
        sha.update((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static String text(MessageDigest sha) {
        return HexFormat.of().formatHex(sha.digest());
    }
}
