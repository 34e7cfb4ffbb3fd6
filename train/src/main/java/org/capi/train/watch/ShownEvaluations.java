package org.capi.train.watch;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.tensorflow.proto.Event;

/** What earlier processes of a run wrote of its evaluations into TensorBoard's files, each as step and tag. */
final class ShownEvaluations {

    private static final int MOST_BYTES = 1 << 28;

    private final Set<String> shown = new HashSet<>();

    /** Reads the event files of a folder; one that a crash tore is read as far as it is whole. */
    static ShownEvaluations in(Path folder) throws IOException {
        var found = new ShownEvaluations();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    found.read(file);
                }
            }
        }
        return found;
    }

    boolean has(long step, String tag) {
        return shown.contains(step + " " + tag);
    }

    /** Records of a length, its checksum, the event and its checksum. */
    private void read(Path file) throws IOException {
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            while (true) {
                long length = Long.reverseBytes(in.readLong());
                in.readInt();
                if (length < 0 || length > MOST_BYTES) {
                    return;
                }
                byte[] event = in.readNBytes(Math.toIntExact(length));
                in.readInt();
                add(Event.parseFrom(event));
            }
        } catch (EOFException | InvalidProtocolBufferException e) {
            return; // the end, or the place where the file was torn
        }
    }

    private void add(Event event) {
        List<String> tags = event.getSummary().getValueList().stream()
                .map(value -> value.getTag())
                .toList();
        tags.stream()
                .filter(tag -> tag.startsWith(EventFile.EVALUATIONS))
                .forEach(tag -> shown.add(event.getStep() + " " + tag));
    }
}
