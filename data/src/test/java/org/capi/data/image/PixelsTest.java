package org.capi.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class PixelsTest {

    /** Of Pillow 13: the pixels 0, 1, ... n - 1 of a row, resized with NEAREST. */
    private static final long POSITIONS_OF_PILLOW = 0x51d1c85bL;

    @Test
    void nearestTakesThePixelsOfPillowForEverySize() {
        var crc = new CRC32();
        for (int from = 1; from < 130; from++) {
            for (int to = 1; to < 200; to++) {
                Pixels across = new Pixels(counting(from), 1, from, 1).nearest(1, to);
                crc.update(across.toArray());
                assertThat(new Pixels(counting(from), from, 1, 1).nearest(to, 1).bytes())
                        .isEqualTo(across.bytes());
            }
        }
        assertThat(crc.getValue()).isEqualTo(POSITIONS_OF_PILLOW);
    }

    @Test
    void aTieGoesWhereTheSumOfStepsFalls() {
        byte[] columns = new Pixels(counting(40), 1, 40, 1).nearest(1, 90).toArray();
        assertThat(columns[49]).isEqualTo((byte) 21); // (49 + 0.5) * 40 / 90 is 22
    }

    private static ByteBuffer counting(int count) {
        ByteBuffer values = ByteBuffer.allocate(count);
        for (int i = 0; i < count; i++) {
            values.put((byte) i);
        }
        return values.flip();
    }
}
