package org.capi.train.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog;

class EventFileTest {

    @TempDir
    private Path folder;

    @Test
    void numbersAndPicturesAreReadBack() throws IOException {
        try (EventFile file = EventFile.after(0, folder)) {
            file.numbers(3, Map.of("student_loss", 2.5));
            file.picture(4, "evals/pca", new byte[] {1, 2, 3}, 5, 6);
        }
        List<Event> events = read();
        assertThat(events.get(0).getFileVersion()).isEqualTo("brain.Event:2");
        assertThat(events.get(1).getStep()).isEqualTo(3);
        assertThat(events.get(1).getSummary().getValue(0).getTag()).isEqualTo("student_loss");
        assertThat(events.get(1).getSummary().getValue(0).getSimpleValue()).isEqualTo(2.5f);
        assertThat(events.get(2).getSummary().getValue(0).getImage().getWidth()).isEqualTo(6);
    }

    @Test
    void aRunThatGoesOnVoidsWhatCameAfterItsCheckpoint() throws IOException {
        EventFile.after(6, folder).close();
        Event mark = read().get(1);
        assertThat(mark.getStep()).isEqualTo(7);
        assertThat(mark.getSessionLog().getStatus()).isEqualTo(SessionLog.SessionStatus.START);
    }

    /** The records of the only file: length, its checksum, the event, its checksum. */
    private List<Event> read() throws IOException {
        Path only;
        try (Stream<Path> files = Files.list(folder)) {
            only = files.findFirst().orElseThrow();
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(only)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] event = new byte[Math.toIntExact(bytes.getLong())];
            bytes.getInt();
            bytes.get(event);
            bytes.getInt();
            events.add(Event.parseFrom(event));
        }
        return events;
    }
}
