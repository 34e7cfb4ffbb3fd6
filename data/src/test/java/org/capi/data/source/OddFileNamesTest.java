package org.capi.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.TestImages;
import org.capi.data.files.FileNames;
import org.capi.data.source.folder.ImageFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OddFileNamesTest {

    @TempDir
    Path folder;

    /** Prints the names of classes and entries of the folder in an argument, in ASCII. */
    public static void main(String[] arguments) throws IOException {
        Source source = ImageFolder.open(Path.of(arguments[0]));
        StringBuilder out = new StringBuilder(String.join(",", source.classes()));
        for (Entry entry : SourceRows.entries(source.splits().get(0), 0)) {
            out.append(' ')
                    .append(entry.name())
                    .append('=')
                    .append(entry.image().read().remaining());
        }
        System.out.println(out.toString()
                .chars()
                .mapToObj(c -> c < 0x80 ? Character.toString(c) : "<" + Integer.toHexString(c) + ">")
                .reduce("", String::concat));
    }

    @Test
    void bytesThatAreNotUtf8StayApart() {
        assertThat(FileNames.decode("犬/猫 é".getBytes(StandardCharsets.UTF_8))).isEqualTo("犬/猫 é");
        assertThat(FileNames.decode("café".getBytes(StandardCharsets.ISO_8859_1)))
                .isEqualTo("caf\\xE9");
        assertThat(FileNames.decode("cafè!".getBytes(StandardCharsets.ISO_8859_1)))
                .isEqualTo("caf\\xE8!");
        assertThat(FileNames.decode(new byte[] {(byte) 0xE7, (byte) 0x8A, 'x', (byte) 0xC3}))
                .isEqualTo("\\xE7\\x8Ax\\xC3");
    }

    @Test
    void foldersWhoseNamesAreNotUtf8AreClassesOfTheirOwn() throws IOException {
        image("caf%E9/1.png");
        image("caf%E8/1.png");
        image("caf%C3%A9/1.png");
        var source = ImageFolder.open(folder);
        assertThat(source.classes()).containsExactly("caf\\xE8", "caf\\xE9", "café");
        assertThat(SourceRows.entries(source.splits().get(0), 0))
                .extracting(Entry::name)
                .containsExactly("caf\\xE8/1.png", "caf\\xE9/1.png", "café/1.png");
    }

    @Test
    void classesHaveTheirNamesInEveryLocale() throws Exception {
        image("%E7%8A%AC/0.png"); // 犬
        image("%E7%8C%AB/1.png"); // 猫
        for (String locale : List.of("POSIX", "C.UTF-8")) {
            var builder = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            OddFileNamesTest.class.getName(),
                            folder.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().put("LC_ALL", locale);
            Process process = builder.start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(process.waitFor()).isZero();
            int bytes = TestImages.png(5, 6, 1).length;
            assertThat(out.strip())
                    .as(locale)
                    .isEqualTo("<72ac>,<732b> <72ac>/0.png=" + bytes + " <732b>/1.png=" + bytes);
        }
    }

    /** Writes an image below the folder; the path is escaped as in an address, so that it may have any bytes. */
    private void image(String path) throws IOException {
        String root = folder.toUri().toString();
        Path file = Path.of(URI.create(root + path));
        Files.createDirectories(file.getParent());
        Files.write(file, TestImages.png(5, 6, 1));
    }
}
