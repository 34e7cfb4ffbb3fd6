package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * The records of a zip file as PyTorch writes it: stored as they are, below one folder of any name.
 *
 * @param regions where each record lies, by its name below that folder
 */
record ZipRecords(Map<String, FileRegion> regions) {

    private static final int MAX_RECORDS = 100_000;
    /** The record of TorchScript's constants, whose code is compressed. */
    private static final String SCRIPT = "/constants.pkl";

    /** Reads the directory and checks every record's place and checksum; the channel stays open. */
    static ZipRecords read(FileChannel channel) throws IOException {
        Map<String, FileRegion> regions = new LinkedHashMap<>();
        String folder = "";
        long bytes = 0;
        try (ZipFile zip = directory(channel)) {
            List<ZipArchiveEntry> entries = Collections.list(zip.getEntries());
            if (entries.stream().anyMatch(entry -> entry.getName().endsWith(SCRIPT))) {
                throw new IllegalArgumentException("it is a TorchScript program (torch.jit.save), not a state dict; in"
                        + " Python: torch.save(torch.jit.load(FILE).state_dict(), 'weights.pth')");
            }
            for (ZipArchiveEntry entry : entries) {
                if (regions.size() == MAX_RECORDS) {
                    throw new IllegalArgumentException("it has more than " + MAX_RECORDS + " records");
                }
                String name = checkName(entry.getName());
                String top = name.substring(0, name.indexOf('/') + 1);
                if (top.isEmpty() || !(folder.isEmpty() || folder.equals(top))) {
                    throw new IllegalArgumentException(
                            "its record " + Quoted.name(name) + " is not in the folder of the others");
                }
                folder = top;
                FileRegion region = region(channel, entry);
                bytes += region.size();
                if (bytes > channel.size()) {
                    throw new IllegalArgumentException("its records overlap: they have more bytes than the file");
                }
                if (regions.put(name.substring(top.length()), region) != null) {
                    throw new IllegalArgumentException("it has two records " + Quoted.name(name));
                }
                if (region.crc32() != entry.getCrc()) {
                    throw new IllegalArgumentException(
                            "its record " + Quoted.name(name) + " is damaged: the checksum differs");
                }
            }
        }
        return new ZipRecords(Collections.unmodifiableMap(regions));
    }

    /** A record that must be there. */
    FileRegion region(String name) {
        FileRegion region = regions.get(name);
        if (region == null) {
            throw new IllegalArgumentException("it has no record " + Quoted.name(name));
        }
        return region;
    }

    private static ZipFile directory(FileChannel channel) {
        try {
            return ZipFile.builder()
                    .setSeekableByteChannel(new UnclosedChannel(channel))
                    .get();
        } catch (IOException e) {
            throw new IllegalArgumentException("it is a damaged or truncated zip file", e);
        }
    }

    private static String checkName(String name) {
        if (name.startsWith("/") || name.contains("\\") || ("/" + name + "/").contains("/../")) {
            throw new IllegalArgumentException("its record " + Quoted.name(name) + " leaves the archive");
        }
        return name;
    }

    /** Only stored records: what is compressed can grow without bounds. */
    private static FileRegion region(FileChannel channel, ZipArchiveEntry entry) throws IOException {
        String name = entry.getName();
        if (entry.getMethod() != ZipArchiveEntry.STORED
                || entry.getGeneralPurposeBit().usesEncryption()
                || entry.getSize() != entry.getCompressedSize()) {
            throw new IllegalArgumentException(
                    "its record " + Quoted.name(name) + " is compressed or encrypted, which PyTorch never does");
        }
        long position = entry.getDataOffset();
        if (position < 0 || entry.getSize() < 0 || position > channel.size() - entry.getSize()) {
            throw new IllegalArgumentException("its record " + Quoted.name(name) + " passes the end of the file");
        }
        return new FileRegion(channel, position, entry.getSize());
    }
}
