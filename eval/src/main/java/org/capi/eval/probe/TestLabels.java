package org.capi.eval.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;

/** The right classes of an image as indices of the training classes; a prediction of any of them is right. */
@FunctionalInterface
public interface TestLabels {

    /** The right classes; none for an image that is left out. */
    List<Integer> of(String image, int label);

    /** The one class that a dataset gives each image. */
    static TestLabels of(ImageDataset dataset, List<String> classes) {
        List<Integer> indices = dataset.classes().stream().map(classes::indexOf).toList();
        return (image, label) -> label == ImageRecord.UNLABELLED ? List.of() : List.of(indices.get(label));
    }

    /**
     * Reads a file with a line for each image: its name, a tab, and the names of its classes with commas between them.
     * Images without a line, or without a class in it, are left out.
     */
    static TestLabels read(Path file, List<String> classes) throws IOException {
        Map<String, List<Integer>> byName = new HashMap<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            String at = file + ", line " + ++number + ": ";
            if (line.isBlank()) {
                continue;
            }
            String[] parts = line.split("\t", -1);
            if (parts.length != 2) {
                throw new IllegalArgumentException(at + "a line is a name, a tab and classes, was " + line);
            }
            List<Integer> indices = Arrays.stream(parts[1].split(",", -1))
                    .map(String::strip)
                    .filter(name -> !name.isEmpty())
                    .map(name -> index(name, classes, at))
                    .toList();
            if (byName.put(parts[0], indices) != null) {
                throw new IllegalArgumentException(at + "the image was there already: " + parts[0]);
            }
        }
        return (image, label) -> byName.getOrDefault(image, List.of());
    }

    private static int index(String name, List<String> classes, String at) {
        int index = classes.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException(at + "no training image has the class " + name);
        }
        return index;
    }
}
