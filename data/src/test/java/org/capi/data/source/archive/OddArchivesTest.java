package org.capi.data.source.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.capi.data.TestCases;
import org.capi.data.TestImages;
import org.capi.data.source.Entry;
import org.capi.data.source.SourceRows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the odd, broken and malicious things that archives can hold. */
class OddArchivesTest {

    private static final byte[] IMAGE = TestImages.png(9, 8, 3);
    private static final int CENTRAL = 0x02014B50;

    @TempDir
    Path temp;

    @Test
    void namesThatLeadOutOfTheArchiveStayInside() throws IOException {
        List<String> names = List.of("/abs/a.png", "../../up/b.png", "./c/./x/../d.png", "e\\f.png", "g//h.png");
        Path tar = temp.resolve("x.tar");
        try (var out = tar(tar)) {
            for (String name : names) {
                var entry = new TarArchiveEntry(name, true);
                file(out, entry);
            }
        }
        Path zip = zip(names);
        for (Path archive : List.of(tar, zip)) {
            assertThat(SourceRows.of(ImageArchive.open(archive)).stream()
                            .filter(row -> !row.contains("f.png"))
                            .toList())
                    .containsExactly(
                            "train/abs/a.png [abs] " + crc(),
                            "train/up/b.png [up] " + crc(),
                            "train/c/d.png [c] " + crc(),
                            "train/g/h.png [g] " + crc());
        }
    }

    @Test
    void linksAndDevicesOfATarAreNotFollowed() throws IOException {
        Path tar = temp.resolve("x.tar");
        try (var out = tar(tar)) {
            file(out, new TarArchiveEntry("c/a.png"));
            special(out, "c/soft.png", TarConstants.LF_SYMLINK, "/etc/passwd");
            special(out, "c/hard.png", TarConstants.LF_LINK, "c/a.png");
            special(out, "c/pipe.png", TarConstants.LF_FIFO, "");
            special(out, "folder_link", TarConstants.LF_SYMLINK, "c");
            file(out, new TarArchiveEntry("d/" + "long".repeat(100) + ".png"));
        }
        assertThat(SourceRows.of(ImageArchive.open(tar)))
                .containsExactly(
                        "train/c/a.png [c] " + crc(),
                        "train/c/soft.png ! a link: links in an archive are not followed, this one leads to /etc/passwd",
                        "train/c/hard.png ! a link: links in an archive are not followed, this one leads to c/a.png",
                        "train/c/pipe.png ! not a file: a device or pipe",
                        "train/d/" + "long".repeat(100) + ".png [d] " + crc());
    }

    @Test
    void foldersOfSplitsBesideOthersAreRefusedUntilItIsSaidWhatTheyAre() throws IOException {
        Path zip = zip(List.of("A/bus/0.png", "A/Train/1.png", "A/truck/2.png"));
        assertThatThrownBy(() -> ImageArchive.open(zip))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        zip
                                + " has folders of splits (train) next to other folders with images (bus, truck): --split train ");
        assertThat(ImageArchive.open(zip, "train").classes()).containsExactly("Train", "bus", "truck");
    }

    @Test
    void splitsAndFoldersOfASystemAreThoseOfFolders() throws IOException {
        Path zip = zip(List.of(
                "Training/cat/0.png",
                "valid/cat/1.png",
                "valid/@eaDir/1.png/thumb.png",
                "valid/cat/2.jpg_large",
                "beside.png",
                "__MACOSX/cat/._1.png"));
        var source = ImageArchive.open(zip);
        assertThat(SourceRows.of(source))
                .containsExactly("train/cat/0.png [cat] " + crc(), "val/cat/1.png [cat] " + crc());
        assertThat(source.notes())
                .containsExactly(
                        "files that are not named like images, skipped in " + zip + ": 1 (valid/cat/2.jpg_large)",
                        "hidden images, skipped in " + zip + ": 2 (valid/@eaDir/1.png/thumb.png, __MACOSX/cat/._1.png)",
                        "1 images of " + zip
                                + " lie next to the folders of its splits and are no part of them, such as "
                                + "beside.png");
    }

    @Test
    void archivesThatWereJoinedAreReadOneAfterAnother() throws IOException {
        Path tar = temp.resolve("x.tar");
        var joined = new ByteArrayOutputStream();
        for (String name : List.of("c/a.png", "c/b.png")) {
            try (var out = tar(tar)) {
                file(out, new TarArchiveEntry(name));
            }
            joined.write(Files.readAllBytes(tar));
        }
        Files.write(tar, joined.toByteArray());
        Path gz = temp.resolve("x.tar.gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(gz))) {
            out.write(joined.toByteArray());
        }
        for (Path archive : List.of(tar, gz)) {
            var source = ImageArchive.open(archive);
            assertThat(SourceRows.of(source)).containsExactly("train/a.png " + crc(), "train/b.png " + crc());
            assertThat(source.notes()).isEmpty();
        }
        Files.writeString(tar, "more words", StandardOpenOption.APPEND);
        assertThat(ImageArchive.open(tar).notes())
                .containsExactly("10 bytes that are no tar archive follow the end mark of " + tar + " at byte "
                        + joined.size() + " and are skipped");
    }

    @Test
    void namesOfATarThatAreNotUtf8StayApart() throws IOException {
        Path tar = temp.resolve("x.tar");
        try (var out = new TarArchiveOutputStream(Files.newOutputStream(tar), "ISO-8859-1")) {
            file(out, new TarArchiveEntry("caf\u00E9/0.png"));
            file(out, new TarArchiveEntry("caf\u00E8/1.png"));
        }
        assertThat(ImageArchive.open(tar).classes()).containsExactly("caf\\xE8", "caf\\xE9");
        try (var out = new TarArchiveOutputStream(Files.newOutputStream(tar), "UTF-8")) {
            out.setAddPaxHeadersForNonAsciiNames(true);
            file(out, new TarArchiveEntry("caf\u00E9/0.png"));
            file(out, new TarArchiveEntry("\u72AC/1.png"));
        }
        assertThat(ImageArchive.open(tar).classes()).containsExactly("caf\u00E9", "\u72AC");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gnu", "posix"})
    void aSparseFileOfATarIsNamed(String format) throws Exception {
        Path folder = Files.createDirectories(temp.resolve("in/c"));
        try (var file =
                FileChannel.open(folder.resolve("sparse.png"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int i = 0; i < 40; i++) { // more holes than a header has room for
                file.write(ByteBuffer.wrap(IMAGE), i * 65536L);
            }
        }
        Files.write(folder.resolve("whole.png"), IMAGE);
        Path tar = temp.resolve("x.tar");
        Process made = new ProcessBuilder("tar", "-S", "--format=" + format, "-cf", tar.toString(), "c")
                .directory(temp.resolve("in").toFile())
                .inheritIO()
                .start();
        assertThat(made.waitFor()).isZero();
        assertThat(Files.size(tar)).isLessThan(200_000);
        assertThat(SourceRows.of(ImageArchive.open(tar)))
                .containsExactlyInAnyOrder(
                        "train/sparse.png ! a sparse file: such files are not read from an archive",
                        "train/whole.png " + crc());
    }

    @ParameterizedTest
    @CsvSource({
        "pax1.tar, is damaged: 000.jpg has a size of 9223372036854775807 bytes",
        "pax2.tar, is damaged: 000.jpg has a size of 9223372036854775408 bytes",
        "pax4.tar, is cut off: it ends after byte 1536 without an end mark"
    })
    void aHugeSizeInATarIsRefused(String name, String problem) throws Exception {
        Path tar = TestCases.of(name);
        assertThatThrownBy(() -> ImageArchive.open(tar))
                .isInstanceOf(IOException.class)
                .hasMessage("the archive " + tar + " " + problem);
    }

    @Test
    void theNamesOfAZipAreThoseInUnicodeWhereItHasThem() throws Exception {
        var source = ImageArchive.open(TestCases.of("zip_sjis_unicode_extra.zip"));
        assertThat(source.classes()).containsExactly("\u72AC", "\u732B");
        assertThat(SourceRows.entries(source.splits().get(0), 0))
                .extracting(Entry::name)
                .containsExactly("\u732B/0.jpg", "\u72AC/1.jpg");
    }

    @Test
    void lengthsOfAZipThatOverflowBreakItsEntryAlone() throws IOException {
        Path zip = zip(List.of("c/0.png", "c/1.png", "c/2.png"));
        Files.write(zip, withLargeSize(withLargeSize(Files.readAllBytes(zip), 0, -5), 1, Long.MAX_VALUE));
        assertThat(SourceRows.of(ImageArchive.open(zip)))
                .satisfiesExactly(
                        row -> assertThat(row)
                                .startsWith("train/0.png ! damaged: the archive's directory gives it ")
                                .contains(" and -5 unpacked bytes at byte 0"),
                        row -> assertThat(row)
                                .isEqualTo("train/1.png ! too large: the file has 9223372036854775807 bytes, at most "
                                        + "1073741824"),
                        row -> assertThat(row).isEqualTo("train/2.png " + crc()));
    }

    @Test
    void aFlippedHeaderOfATarIsNoticed() throws IOException {
        Path tar = temp.resolve("x.tar");
        try (var out = tar(tar)) {
            file(out, new TarArchiveEntry("c/a.png"));
            file(out, new TarArchiveEntry("c/b.png"));
        }
        byte[] bytes = Files.readAllBytes(tar);
        int second = 512 + (IMAGE.length + 511) / 512 * 512;
        bytes[second] ^= 1;
        Files.write(tar, bytes);
        assertThatThrownBy(() -> ImageArchive.open(tar))
                .isInstanceOf(IOException.class)
                .hasMessage("the archive " + tar + " is damaged: a header has a wrong checksum, it names b/b.png");
    }

    @Test
    void aFileThatIsTooLargeIsRefusedUnread() throws IOException {
        Path tar = temp.resolve("x.tar");
        try (var out = tar(tar)) {
            file(out, new TarArchiveEntry("c/a.png"));
        }
        byte[] small = Files.readAllBytes(tar);
        var entry = new TarArchiveEntry("c/huge.png");
        entry.setSize((1L << 30) + 1);
        byte[] header = new byte[512];
        entry.writeEntryHeader(header);
        try (var channel = Files.newByteChannel(tar, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            channel.write(ByteBuffer.wrap(header));
            channel.position(512 + (1L << 30) + 512); // a hole
            channel.write(ByteBuffer.wrap(small));
        }
        assertThat(SourceRows.of(ImageArchive.open(tar)))
                .containsExactly(
                        "train/huge.png ! too large: the file has 1073741825 bytes, at most 1073741824",
                        "train/a.png " + crc());
    }

    @Test
    void aZipThatLiesOfItsEntriesLosesOnlyThese() throws IOException {
        Path zip = zip(List.of("c/0.png", "c/1.png", "c/2.png", "c/3.png", "c/4.png", "c/5.png", "c/6.png"));
        byte[] bytes = Files.readAllBytes(zip);
        ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        file.putShort(central(file, 0) + 8, (short) 1); // encrypted
        file.putInt(central(file, 1) + 16, 12345); // another checksum
        file.putInt(central(file, 2) + 24, IMAGE.length - 1); // more comes than is said
        file.putInt(central(file, 3) + 24, 1 << 30); // much less comes
        file.putInt(central(file, 4) + 24, Integer.MAX_VALUE);
        file.putShort(central(file, 5) + 10, (short) 14); // LZMA
        Files.write(zip, bytes);
        assertThat(SourceRows.of(ImageArchive.open(zip)))
                .containsExactly(
                        "train/0.png ! encrypted: entries with a password are not read",
                        "train/1.png ! damaged: the entry's checksum is wrong",
                        "train/2.png ! damaged: the entry's checksum is wrong",
                        "train/3.png ! damaged: " + packed(file, 3) + " bytes cannot become 1073741824",
                        "train/4.png ! too large: the file has 2147483647 bytes, at most 1073741824",
                        "train/5.png ! packed in another way: stored and deflated entries are read, this one has method 14",
                        "train/6.png " + crc());
    }

    @Test
    void everyFlippedByteOfAZipsDataIsNoticed() throws IOException {
        Path zip = zip(List.of("c/0.png"));
        byte[] whole = Files.readAllBytes(zip);
        ByteBuffer file = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
        int start = 30 + file.getShort(26) + file.getShort(28);
        for (int i = start; i < start + packed(file, 0); i++) {
            byte[] bytes = whole.clone();
            bytes[i] ^= 4;
            Files.write(zip, bytes);
            assertThat(SourceRows.of(ImageArchive.open(zip)))
                    .as("byte %d", i)
                    .singleElement()
                    .asString()
                    .startsWith("train/0.png ! damaged: ");
        }
    }

    @Test
    void aZipBehindOtherBytesAndWithACommentIsRead() throws IOException {
        Path zip = zip(List.of("c/0.png"));
        byte[] bytes = Files.readAllBytes(zip);
        try (OutputStream out = Files.newOutputStream(zip)) {
            out.write(new byte[] {'P', 'K', 3, 4});
            out.write("a program that unpacks itself".getBytes(StandardCharsets.US_ASCII));
            out.write(bytes, 0, bytes.length - 2);
            out.write(new byte[] {3, 0, 'e', 'n', 'd'});
        }
        assertThat(SourceRows.of(ImageArchive.open(zip))).containsExactly("train/0.png " + crc());
    }

    /** A zip archive whose directory gives an entry an unpacked size of 64 bits. */
    private static byte[] withLargeSize(byte[] zip, int entry, long size) {
        int at = central(ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN), entry);
        int extra = at + 46 + "c/0.png".length();
        ByteBuffer large = ByteBuffer.allocate(zip.length + 12).order(ByteOrder.LITTLE_ENDIAN);
        large.put(zip, 0, extra).putShort((short) 1).putShort((short) 8).putLong(size);
        large.put(zip, extra, zip.length - extra);
        large.putInt(at + 24, -1).putShort(at + 30, (short) 12);
        int end = large.capacity() - 22;
        large.putInt(end + 12, large.getInt(end + 12) + 12);
        return large.array();
    }

    private static int central(ByteBuffer file, int entry) {
        int found = -1;
        for (int at = 0; at < file.limit() - 4; at++) {
            found += file.getInt(at) == CENTRAL ? 1 : 0;
            if (found == entry) {
                return at;
            }
        }
        throw new AssertionError("no entry " + entry);
    }

    private static int packed(ByteBuffer file, int entry) {
        return file.getInt(central(file, entry) + 20);
    }

    private Path zip(List<String> names) throws IOException {
        Path zip = temp.resolve("x.zip");
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (String name : names) {
                out.putNextEntry(new ZipEntry(name));
                out.write(IMAGE);
            }
        }
        return zip;
    }

    private static TarArchiveOutputStream tar(Path tar) throws IOException {
        var out = new TarArchiveOutputStream(Files.newOutputStream(tar));
        out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        return out;
    }

    private static void file(TarArchiveOutputStream out, TarArchiveEntry entry) throws IOException {
        entry.setSize(IMAGE.length);
        out.putArchiveEntry(entry);
        out.write(IMAGE);
        out.closeArchiveEntry();
    }

    private static void special(TarArchiveOutputStream out, String name, byte type, String to) throws IOException {
        var entry = new TarArchiveEntry(name, type);
        entry.setLinkName(to);
        out.putArchiveEntry(entry);
        out.closeArchiveEntry();
    }

    private static String crc() {
        var crc = new CRC32();
        crc.update(IMAGE);
        return Long.toHexString(crc.getValue());
    }
}
