package org.capi.data.source.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;
import org.capi.data.TestImages;
import org.capi.data.TestLabelMaps;
import org.capi.data.source.Source;
import org.capi.data.source.SourceRows;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListFileTest {

    private static final byte[] CAT = TestImages.jpeg(8, 9);
    private static final byte[] DOG = TestImages.png(5, 6, 1);
    private static final byte[] MAP = TestLabelMaps.grey(5, 6, 8, 3);

    @TempDir
    Path folder;

    @BeforeEach
    void writeImages() throws IOException {
        Files.createDirectories(folder.resolve("pets"));
        Files.write(folder.resolve("pets/cat 1.jpg"), CAT);
        Files.write(folder.resolve("pets/dög.png"), DOG);
        Files.write(folder.resolve("pets/map.png"), MAP);
        Files.write(folder.resolve(" #1.jpg"), CAT);
    }

    @Test
    void aLineIsAPathALabelAndALabelMapThatMayBeMissing() throws IOException {
        Path absolute = folder.resolve("pets/dög.png").toAbsolutePath();
        var source =
                open("pets/cat 1.jpg\tcat\n" + absolute + "\tdog\tpets/map.png\npets/dög.png\t\tpets/map.png\n #1.jpg");
        assertThat(SourceRows.of(source))
                .containsExactly(
                        "train/pets/cat 1.jpg [cat] " + crc(CAT),
                        "train/" + absolute + " [dog] " + crc(DOG) + " map " + crc(MAP),
                        "train/pets/dög.png " + crc(DOG) + " map " + crc(MAP),
                        "train/ #1.jpg " + crc(CAT));
        assertThat(source.classes()).containsExactly("cat", "dog");
        assertThat(source.description())
                .isEqualTo("list " + folder.resolve("list.txt").toAbsolutePath());
    }

    @Test
    void byteOrderMarksCarriageReturnsBlankLinesAndCommentsSayNothing() throws IOException {
        var source = open("\uFEFFpets/cat 1.jpg\tcat\r\n\r\n  \n# a comment\npets/dög.png\tdog \r\n");
        assertThat(SourceRows.of(source))
                .containsExactly("train/pets/cat 1.jpg [cat] " + crc(CAT), "train/pets/dög.png [dog] " + crc(DOG));
    }

    @Test
    void whatIsWrongWithALineIsSaidWithItsNumber() throws IOException {
        Path list = folder.resolve("list.txt");
        Files.write(list, bytes("pets/cat 1.jpg\tcat\n\tcat\na\tb\tc\td\ngone.jpg\tcat\n\u0000.jpg\n"));
        Files.write(list, new byte[] {'a', (byte) 0xE4, '\n'}, StandardOpenOption.APPEND);
        Files.writeString(list, "x".repeat(70_000), StandardOpenOption.APPEND);
        assertThat(SourceRows.of(ListFile.open(list)))
                .containsExactly(
                        "train/pets/cat 1.jpg [cat] " + crc(CAT),
                        "train/line 2 ! malformed line: line 2, it names no file",
                        "train/line 3 ! malformed line: line 3, it has 4 columns, at most path, label and label map",
                        "train/gone.jpg ! the file is missing or a broken link: " + folder.resolve("gone.jpg")
                                + ", line 4",
                        "train/line 5 ! malformed line: line 5, it has a path that is none: Nul character not allowed",
                        "train/line 6 ! malformed line: line 6, it is not UTF-8",
                        "train/line 7 ! malformed line: line 7, it has more than 65536 bytes");
    }

    @Test
    void labelsThatAreNumbersAreClassesInTheirOrder() throws IOException {
        String lines = String.join(
                "\n",
                IntStream.of(10, 9, 2, 0, 1)
                        .mapToObj(i -> "pets/cat 1.jpg\t" + i)
                        .toList());
        assertThat(open(lines).classes()).containsExactly("0", "1", "2", "9", "10");
    }

    @Test
    void aFirstLineThatNamesTheColumnsIsNoImageAndNoClass() throws IOException {
        var source = open("# of pets\nfile path\tclass id\npets/cat 1.jpg\t10\npets/dög.png\t9\n");
        assertThat(source.classes()).containsExactly("9", "10");
        assertThat(source.splits().get(0).entries()).isEqualTo(2);
        assertThat(SourceRows.of(source))
                .containsExactly("train/pets/cat 1.jpg [10] " + crc(CAT), "train/pets/dög.png [9] " + crc(DOG));
        assertThat(source.notes())
                .containsExactly("line 2 of " + folder.resolve("list.txt")
                        + " names no image and is taken for the names of the columns");
        assertThat(open("gone.jpg\tcat\npets/dög.png\tdog").classes()).containsExactly("cat", "dog");
    }

    @Test
    void theLabelMinusOneMeansNone() throws IOException {
        var source = open("pets/cat 1.jpg\t2\npets/dög.png\t-1\npets/cat 1.jpg\t10\npets/cat 1.jpg\t-7\n");
        assertThat(source.classes()).containsExactly("2", "10");
        assertThat(SourceRows.of(source))
                .containsExactly(
                        "train/pets/cat 1.jpg [2] " + crc(CAT),
                        "train/pets/dög.png " + crc(DOG),
                        "train/pets/cat 1.jpg [10] " + crc(CAT),
                        "train/pets/cat 1.jpg ! bad label: -7 is not a class number: line 4 of "
                                + folder.resolve("list.txt").toAbsolutePath());
    }

    @Test
    void aListNamedLikeASplitIsThatSplit() throws IOException {
        for (String name : List.of("Validation.txt", "val.tsv", "dev")) {
            Path list = Files.write(folder.resolve(name), bytes("pets/cat 1.jpg\n"));
            assertThat(SourceRows.of(ListFile.open(list))).containsExactly("val/pets/cat 1.jpg " + crc(CAT));
        }
    }

    @Test
    void theSplitMayBeNamed() throws IOException {
        Path list = Files.write(folder.resolve("list.txt"), bytes("pets/cat 1.jpg\n"));
        assertThat(SourceRows.of(ListFile.open(list, "val"))).containsExactly("val/pets/cat 1.jpg " + crc(CAT));
    }

    @Test
    void readingContinuesAfterAnyNumberOfLines() throws IOException {
        var split = open("pets/cat 1.jpg\n#\npets/dög.png\nbroken\tx\ty\tz\nlast.jpg\n")
                .splits()
                .get(0);
        assertThat(split.entries()).isEqualTo(4);
        assertThat(SourceRows.entries(split, 2).stream().map(e -> e.name()).toList())
                .isEqualTo(List.of("line 4", "last.jpg"));
        assertThat(SourceRows.entries(split, 9)).isEmpty();
    }

    @Test
    void aListThatIsNoneIsRefused() throws IOException {
        assertThatThrownBy(() -> open("\n# nothing\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("names no image");
        assertThatThrownBy(() -> ListFile.open(folder.resolve("gone.txt")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no such list: ");
        assertThatThrownBy(() -> ListFile.open(folder)).hasMessageEndingWith("is a folder, a list is a text file");
        Path utf16 = Files.write(folder.resolve("utf16.txt"), "\uFEFFpets".getBytes(StandardCharsets.UTF_16LE));
        assertThatThrownBy(() -> ListFile.open(utf16)).hasMessageEndingWith("is UTF-16, it must be UTF-8");
    }

    private Source open(String text) throws IOException {
        return ListFile.open(Files.write(folder.resolve("list.txt"), bytes(text)));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String crc(byte[] bytes) {
        return SourceRows.crc(ByteBuffer.wrap(bytes));
    }
}
