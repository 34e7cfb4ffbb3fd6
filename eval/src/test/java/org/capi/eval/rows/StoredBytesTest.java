package org.capi.eval.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredBytesTest {

    @TempDir
    private Path folder;

    @Test
    void bytesOfAFileAreReadAcrossItsPartsAndTheFileIsGone() throws IOException {
        Path scratch = folder.resolve("scratch");
        StoredBytes stored;
        try (var writer = new StoredBytes.Writer(scratch, 10, 7)) {
            for (int i = 0; i < 10; i++) {
                writer.append(new byte[] {(byte) (3 * i), (byte) (3 * i + 1), (byte) (3 * i + 2)});
            }
            stored = writer.finish();
        }
        assertThat(scratch).isEmptyDirectory();
        assertThat(stored.size()).isEqualTo(30);
        byte[] read = new byte[12];
        stored.read(5, 10, read, 1);
        assertThat(read).containsExactly(0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0);
        stored.read(28, 2, read, 0);
        assertThat(read).startsWith(28, 29);
        assertThatThrownBy(() -> stored.read(29, 2, read, 0)).hasMessage("bytes 29 to 31 of 30");
    }

    @Test
    void fewBytesMakeNoFile() throws IOException {
        try (var writer = new StoredBytes.Writer(folder.resolve("scratch"))) {
            writer.append(new byte[] {1, 2});
            writer.append(new byte[] {3});
            byte[] read = new byte[2];
            writer.finish().read(1, 2, read, 0);
            assertThat(read).containsExactly(2, 3);
        }
        assertThat(folder.resolve("scratch")).doesNotExist();
    }
}
