package org.capi.data.source.list;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.capi.data.source.Label;
import org.capi.data.source.Source;
import org.capi.data.source.SourceSplit;
import org.capi.data.source.SplitNames;

/**
 * A UTF-8 text file with an image in every line: its path, and after a tab its label, and after another its label map.
 *
 * <p>Paths are relative to the list's folder, or absolute, and are taken as they stand, spaces included. A label is the name of
 * a class; without one the image has none. Blank lines, and those that begin with {@code #}, say nothing; a path that
 * begins so is written {@code ./#...}. A first line that names no file and no image names the columns. The label -1 means
 * that there is none. Classes are in order of name; where all of them are numbers, in order of these.
 */
public final class ListFile implements Source {

    private static final int MAX_CLASSES = 1_000_000;

    private final Path list;
    private final String split;
    private final long entries;
    private final List<String> classes;
    private final List<String> notes;

    private ListFile(Path list, String split, long entries, List<String> classes, List<String> notes) {
        this.list = list;
        this.split = split;
        this.entries = entries;
        this.classes = classes;
        this.notes = List.copyOf(notes);
    }

    /** Counts the images in a list, whose split is that of its name, such as val.txt, else train. */
    public static ListFile open(Path list) throws IOException {
        String name = String.valueOf(list.getFileName());
        String split = SplitNames.of(name.replaceFirst("\\.\\w+$", ""));
        return open(list, split == null ? SplitNames.DEFAULT : split);
    }

    /** Counts the images in a list, and collects their labels. */
    public static ListFile open(Path list, String split) throws IOException {
        if (!Files.exists(list)) {
            throw new IllegalArgumentException("no such list: " + list);
        }
        if (Files.isDirectory(list)) {
            throw new IllegalArgumentException(list + " is a folder, a list is a text file");
        }
        checkEncoding(list);
        long entries = 0;
        Set<String> names = new HashSet<>();
        List<String> notes = new ArrayList<>();
        try (var reader = new ListReader(list)) {
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                entries++;
                if (entry.label() instanceof Label.Named label
                        && names.add(label.name())
                        && names.size() > MAX_CLASSES) {
                    throw new IllegalArgumentException("the second column of " + list + " names more than "
                            + MAX_CLASSES + " classes: it must be the label");
                }
            }
            if (reader.headerLine() > 0) {
                notes.add("line " + reader.headerLine() + " of " + list
                        + " names no image and is taken for the names of the columns");
            }
        }
        if (entries == 0) {
            throw new IllegalArgumentException("the list " + list + " names no image");
        }
        return new ListFile(list, split, entries, sorted(names), notes);
    }

    @Override
    public String description() {
        return "list " + list.toAbsolutePath().normalize();
    }

    @Override
    public List<SourceSplit> splits() {
        return List.of(new Part(list, split, entries));
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    private static void checkEncoding(Path list) throws IOException {
        try (var in = Files.newInputStream(list)) {
            byte[] start = in.readNBytes(2);
            int mark = start.length < 2 ? 0 : Byte.toUnsignedInt(start[0]) << 8 | Byte.toUnsignedInt(start[1]);
            if (mark == 0xFEFF || mark == 0xFFFE) {
                throw new IllegalArgumentException("the list " + list + " is UTF-16, it must be UTF-8");
            }
        }
    }

    private static List<String> sorted(Set<String> names) {
        boolean numbers = names.stream().allMatch(name -> name.matches("[0-9]{1,20}"));
        List<String> sorted = new ArrayList<>(names);
        sorted.sort(Comparator.naturalOrder());
        if (numbers) {
            sorted.sort(Comparator.comparing(name -> new BigInteger(name)));
        }
        return List.copyOf(sorted);
    }

    /** All of the list. */
    private record Part(Path list, String name, long entries) implements SourceSplit {

        @Override
        public EntryReader open() throws IOException {
            return new ListReader(list);
        }
    }
}
