package org.capi.data.imports;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.source.Entry.Label;

/** The classes of a dataset during an import: existing ones keep their labels, new ones are appended. */
final class ClassRegistry {

    private static final int MAX_NUMBER = 1_000_000;

    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();
    private String misplaced = "";
    private boolean numerals = true; // so far each name is its label as a number

    ClassRegistry(Collection<String> existing) {
        existing.forEach(this::label);
    }

    /** Appends those of a source that are new, in the order given. */
    void addAll(List<String> classes) {
        for (int i = 0; i < classes.size(); i++) {
            int label = label(classes.get(i));
            if (label != i && misplaced.isEmpty()) {
                misplaced = "the class " + classes.get(i) + " has the value " + i + " in the label maps, and the label "
                        + label + " in the dataset";
            }
        }
    }

    /** Refuses label maps, whose values cannot be changed, where the source's classes have other labels. */
    void requireMapValues() {
        if (!misplaced.isEmpty()) {
            throw new IllegalArgumentException(misplaced + ": import them into another folder");
        }
    }

    /** The label of an entry of a collection. */
    int label(Label label) throws IOException {
        if (label instanceof Label.Named named) {
            return label(named.name());
        }
        if (label instanceof Label.Bad bad) {
            throw new IOException(bad.problem());
        }
        return label instanceof Label.Numbered numbered ? label(numbered.number()) : ImageRecord.UNLABELLED;
    }

    List<String> names() {
        return List.copyOf(names);
    }

    private int label(int number) throws IOException {
        if (number > MAX_NUMBER) {
            throw new IOException("the class number is too large: " + number + ", at most " + MAX_NUMBER);
        }
        while (numerals && names.size() < number) {
            label(Integer.toString(names.size())); // so that the label is the number, whichever comes first
        }
        return label(Integer.toString(number));
    }

    private int label(String name) {
        Integer known = labels.putIfAbsent(name, names.size());
        if (known != null) {
            return known;
        }
        numerals &= name.equals(Integer.toString(names.size()));
        names.add(name);
        return names.size() - 1;
    }
}
