package org.capi.data.source.folder;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The names of the classes that the values of label maps stand for, as files next to the maps list them. */
final class ClassFile {

    // The second comes with ADE20K.
    private static final List<String> TABLES = List.of("classes.tsv", "objectInfo150.txt");
    private static final String NAMES = "classes.txt";
    private static final int MAX_VALUE = 255;

    private ClassFile() {}

    /**
     * The names in the order of the values; empty where no file lists them.
     *
     * <p>A value that is not listed below the largest has its number as its name. 255, by custom the value of what has
     * no class, is one only where 254 is.
     */
    static List<String> in(Path folder) throws IOException {
        for (String table : TABLES) {
            if (Files.exists(folder.resolve(table))) {
                return names(folder.resolve(table), table(folder.resolve(table)));
            }
        }
        Path file = folder.resolve(NAMES);
        return Files.exists(file) ? names(file, lines(file)) : List.of();
    }

    private static SortedMap<Integer, String> lines(Path file) throws IOException {
        SortedMap<Integer, String> names = new TreeMap<>();
        for (String line : read(file)) {
            names.put(names.size(), line.strip());
        }
        return names;
    }

    /** Lines of a number, a tab and a name; where a first line has words instead, they say which column the name is. */
    private static SortedMap<Integer, String> table(Path file) throws IOException {
        SortedMap<Integer, String> names = new TreeMap<>();
        List<String> lines = read(file);
        int column = 1;
        for (int i = 0; i < lines.size(); i++) {
            String[] cells = lines.get(i).split("\t", -1);
            if (i == 0 && !cells[0].strip().matches("[0-9]+")) {
                int named = List.of(lines.get(i).toLowerCase(Locale.ROOT).split("\t", -1))
                        .indexOf("name");
                column = named < 0 ? column : named;
                continue;
            }
            if (cells.length <= column || !cells[0].strip().matches("[0-9]{1,9}")) {
                throw new IllegalArgumentException("line " + (i + 1) + " of " + file
                        + " must be the value of a class, a tab and its name, was '" + lines.get(i) + "'");
            }
            int value = Integer.parseInt(cells[0].strip());
            String other = names.put(value, cells[column].strip());
            if (other != null) {
                throw new IllegalArgumentException(
                        file + " gives the value " + value + " to " + other + " and to " + names.get(value));
            }
        }
        return names;
    }

    private static List<String> names(Path file, SortedMap<Integer, String> listed) {
        if (listed.containsKey(MAX_VALUE) && !listed.containsKey(MAX_VALUE - 1)) {
            listed.remove(MAX_VALUE);
        }
        if (listed.isEmpty()) {
            throw new IllegalArgumentException(file + " lists no class");
        }
        if (listed.lastKey() > MAX_VALUE) {
            throw new IllegalArgumentException(
                    file + " has a class of the value " + listed.lastKey() + ", at most " + MAX_VALUE);
        }
        List<String> names = new ArrayList<>();
        Map<String, Integer> values = new HashMap<>();
        for (int value = 0; value <= listed.lastKey(); value++) {
            String name = listed.getOrDefault(value, Integer.toString(value));
            Integer other = values.put(name, value);
            if (other != null || name.isEmpty()) {
                throw new IllegalArgumentException("the classes in " + file + " must have different names, " + value
                        + (other == null ? " has none" : " and " + other + " are both '" + name + "'"));
            }
            names.add(name);
        }
        return List.copyOf(names);
    }

    private static List<String> read(Path file) throws IOException {
        try {
            String text = Files.readString(file);
            return (text.startsWith("\uFEFF") ? text.substring(1) : text)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
        } catch (MalformedInputException e) {
            throw new IllegalArgumentException(file + " is not UTF-8", e);
        }
    }
}
