package org.capi.data.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.Orientation;
import org.junit.jupiter.api.Test;

class ImageRecordTest {

    @Test
    void anImageIsTurnedAsItsCameraSaysButNotBesideALabelMap() throws IOException {
        ByteBuffer turned = exif6();
        var alone = new ImageRecord("alone", turned, ImageRecord.UNLABELLED, null, 104, 72);
        assertThat(alone.header())
                .isEqualTo(new ImageHeader(ImageHeader.Format.JPEG, 72, 104, Orientation.QUARTER_TURN_RIGHT));
        var mapped = new ImageRecord("mapped", turned, ImageRecord.UNLABELLED, ByteBuffer.allocate(1), 72, 104);
        assertThat(mapped.header()).isEqualTo(new ImageHeader(ImageHeader.Format.JPEG, 104, 72, Orientation.UPRIGHT));
    }

    private static ByteBuffer exif6() throws IOException {
        try (InputStream in = ImageRecordTest.class.getResourceAsStream("/images/exif_6.jpg")) {
            return ByteBuffer.wrap(Objects.requireNonNull(in).readAllBytes());
        }
    }
}
