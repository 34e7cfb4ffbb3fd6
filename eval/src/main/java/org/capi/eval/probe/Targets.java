package org.capi.eval.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;

/** Which classes are right for an image, counted as the training images count them; any of them may be named. */
@FunctionalInterface
public interface Targets {

    /** The right classes; none for an image that is left out. */
    List<Integer> of(String image, int label);

    /** The one class that a dataset gives each image. */
    static Targets labels(ImageDataset dataset, List<String> classes) {
        List<Integer> indices = dataset.classes().stream().map(classes::indexOf).toList();
        return (image, label) -> label == ImageRecord.UNLABELLED ? List.of() : List.of(indices.get(label));
    }

    /**
     * Reads a file with a line for each image: its name, a tab, and the names of its classes with commas between them.
     * Images without a line, or without a class in it, are left out.
     */
    static Targets read(Path file, List<String> classes) throws IOException {
        Map<String, List<Integer>> byName = new HashMap<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            String[] parts = line.split("\t", -1);
            if (parts.length != 2) {
                throw new IllegalArgumentException(
                        file + ", line " + number + ": a line is a name, a tab and classes, was " + line);
            }
            if (byName.put(parts[0], indices(parts[1], classes, file, number)) != null) {
                throw new IllegalArgumentException(
                        file + ", line " + number + ": the image was there already: " + parts[0]);
            }
        }
        return (image, label) -> byName.getOrDefault(image, List.of());
    }

    private static List<Integer> indices(String names, List<String> classes, Path file, int number) {
        List<Integer> indices = new ArrayList<>();
        for (String name : names.split(",", -1)) {
            if (name.isBlank()) {
                continue;
            }
            int index = classes.indexOf(name.strip());
            if (index < 0) {
                throw new IllegalArgumentException(
                        file + ", line " + number + ": no training image has the class " + name.strip());
            }
            indices.add(index);
        }
        return indices;
    }
}
