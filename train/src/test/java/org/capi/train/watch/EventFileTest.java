package org.capi.train.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.HistogramProto;
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
    void aContinuedRunVoidsWhatCameAfterItsCheckpoint() throws IOException {
        EventFile.after(6, folder).close();
        Event mark = read().get(1);
        assertThat(mark.getStep()).isEqualTo(7);
        assertThat(mark.getSessionLog().getStatus()).isEqualTo(SessionLog.SessionStatus.START);
    }

    @Test
    void whatAnEarlierProcessWroteIsFound() throws IOException {
        write();
        var shown = EventFile.evaluations(folder);
        assertThat(shown).contains("3 evals/teacher-knn_top1");
        assertThat(shown).contains("3 evals/teacher-pca");
        assertThat(shown).doesNotContain("6 evals/teacher-pca");
        assertThat(shown).doesNotContain("3 student_loss");
    }

    @Test
    void aTornFileIsReadAsFarAsItIsWhole() throws IOException {
        write();
        try (Stream<Path> files = Files.list(folder)) {
            Path file = files.findFirst().orElseThrow();
            byte[] bytes = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(bytes, bytes.length - 20));
        }
        var shown = EventFile.evaluations(folder);
        assertThat(shown).contains("3 evals/teacher-knn_top1");
        assertThat(shown).doesNotContain("3 evals/teacher-pca");
    }

    @Test
    void aFolderThatIsNotThereHasNone() throws IOException {
        assertThat(EventFile.evaluations(folder.resolve("nothing"))).isEmpty();
    }

    private void write() throws IOException {
        try (EventFile file = EventFile.after(0, folder)) {
            file.numbers(2, Map.of("student_loss", 2.5));
            file.numbers(3, Map.of("evals/teacher-knn_top1", 0.5));
            file.picture(3, "evals/teacher-pca", new byte[40], 5, 6);
        }
    }

    @Test
    void aPrototypeWithItsEqualShareCountsAtOne() {
        HistogramProto histogram = EventFile.histogram(new float[] {0.25f, 0.25f, 0.25f, 0.25f});
        int one = histogram.getBucketLimitList().indexOf(1.0);
        assertThat(histogram.getBucket(one)).isEqualTo(4);
        assertThat(histogram.getNum()).isEqualTo(4);
        assertThat(histogram.getMin()).isEqualTo(1);
        assertThat(histogram.getMax()).isEqualTo(1);
    }

    @Test
    void prototypesWithoutAnyAndWithAllFallIntoBucketsOfTheirOwn() {
        HistogramProto histogram = EventFile.histogram(new float[] {0, 0, 0, 1});
        assertThat(histogram.getBucket(0)).isEqualTo(3);
        assertThat(histogram.getBucket(histogram.getBucketLimitList().indexOf(4.0)))
                .isEqualTo(1);
        assertThat(histogram.getSum()).isCloseTo(4, within(1e-6));
        assertThat(histogram.getSumSquares()).isCloseTo(16, within(1e-6));
    }

    @Test
    void itsLimitsGrowAndTakeEverything() {
        var limits = EventFile.histogram(new float[] {1}).getBucketLimitList();
        assertThat(limits).isSorted().doesNotHaveDuplicates().endsWith(Double.MAX_VALUE);
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
