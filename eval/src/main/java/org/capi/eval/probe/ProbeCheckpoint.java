package org.capi.eval.probe;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.capi.data.files.DurableFile;
import org.capi.data.files.FolderTree;

/**
 * Where an unfinished training of probes is kept: the variables, and how many steps were made, which is where the stream
 * of crops stands too.
 *
 * @param identity all that the probes depend on
 */
record ProbeCheckpoint(Path folder, String identity) {

    private static final String VARIABLES = "probes";
    private static final String STATE = "state.json";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private record State(String identity, int steps) {}

    /** Goes on where a training stopped, and returns how many steps it made; 0 when there is none. */
    int restore(ProbeSession session) throws IOException {
        List<Path> found = complete();
        if (found.isEmpty()) {
            return 0;
        }
        Path newest = found.get(found.size() - 1);
        State state = JSON.readValue(newest.resolve(STATE).toFile(), State.class);
        if (!state.identity.equals(identity)) {
            throw new IllegalArgumentException(
                    "the folder " + folder + " holds an unfinished training of other probes ("
                            + "another model, other images or settings); delete it, or choose another folder");
        }
        session.restore(newest.resolve(VARIABLES));
        return state.steps;
    }

    /** Keeps the variables after so many steps, and forgets what was kept before. */
    void save(ProbeSession session, int steps) throws IOException {
        List<Path> before = complete();
        String name = String.format(Locale.ROOT, "step-%07d", steps);
        Path beside = Files.createDirectory(
                DurableFile.beside(Files.createDirectories(folder).resolve(name)));
        session.save(beside.resolve(VARIABLES));
        DurableFile.write(beside.resolve(STATE), JSON.writeValueAsString(new State(identity, steps)));
        FolderTree.delete(folder.resolve(name));
        DurableFile.move(beside, folder.resolve(name));
        for (Path old : before) {
            if (!old.endsWith(name)) {
                FolderTree.delete(old);
            }
        }
    }

    /** Nothing is unfinished any more. */
    void delete() throws IOException {
        FolderTree.delete(folder);
    }

    private List<Path> complete() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(child -> !child.toString().endsWith(DurableFile.PARTIAL))
                    .filter(child -> Files.isRegularFile(child.resolve(STATE)))
                    .sorted(Comparator.naturalOrder())
                    .toList();
        }
    }
}
