package org.capi.data.batch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.capi.data.arrow.DatasetPath;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;

/** The images of one or several datasets, concatenated. */
public final class Images implements AutoCloseable {

    private final List<Part> parts;
    private final long[] firstRows;
    private final long size;

    /** One of the datasets, with its name as the user wrote it. */
    public record Part(String name, ImageDataset dataset) {}

    private Images(List<Part> parts) {
        this.parts = List.copyOf(parts);
        this.firstRows = new long[parts.size()];
        long rows = 0;
        for (int p = 0; p < firstRows.length; p++) {
            firstRows[p] = rows;
            rows += parts.get(p).dataset.size();
        }
        this.size = rows;
    }

    public static Images of(ImageDataset dataset) {
        return new Images(List.of(new Part(dataset.folder().toString(), dataset)));
    }

    /** Opens {@code DIR[:SPLIT][,DIR[:SPLIT]...]}. */
    public static Images open(String text) {
        return open(names(text));
    }

    /** The same text with absolute paths. */
    public static String absolute(String text) {
        return names(text).stream()
                .map(name -> DatasetPath.parse(name).absolute())
                .collect(Collectors.joining(","));
    }

    /** Opens several datasets, each named as {@code DIR[:SPLIT]}; none may occur twice. */
    public static Images open(List<String> names) {
        Map<Path, Part> opened = new LinkedHashMap<>();
        try {
            for (String name : names) {
                ImageDataset dataset = open(DatasetPath.parse(name));
                Part before = opened.putIfAbsent(realPath(dataset), new Part(name, dataset));
                if (before != null) {
                    dataset.close();
                    throw new IllegalArgumentException("the dataset " + dataset.folder() + " is named twice, as "
                            + before.name + " and as " + name + "; name each once");
                }
            }
            if (opened.isEmpty()) {
                throw new IllegalArgumentException("no dataset is named; name at least one as DIR or DIR:SPLIT");
            }
            return new Images(new ArrayList<>(opened.values()));
        } catch (RuntimeException e) {
            opened.values().forEach(part -> part.dataset.close());
            throw e;
        }
    }

    public List<Part> parts() {
        return parts;
    }

    public long size() {
        return size;
    }

    /** Reads a row, numbered over all datasets. */
    public ImageRecord get(long row) throws IOException {
        int part = part(row);
        return parts.get(part).dataset.get(row - firstRows[part]);
    }

    /** A row in messages: {@code row 3 of sets/photos/train}. */
    String place(long row) {
        int part = part(row);
        return "row " + (row - firstRows[part]) + " of "
                + parts.get(part).dataset.folder();
    }

    String folders() {
        return parts.stream().map(part -> part.dataset.folder().toString()).collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        parts.forEach(part -> part.dataset.close());
    }

    private int part(long row) {
        if (row < 0 || row >= size) {
            throw new IndexOutOfBoundsException("row " + row + " of " + folders() + ", which have " + size);
        }
        int found = Arrays.binarySearch(firstRows, row);
        return found >= 0 ? found : -found - 2;
    }

    private static ImageDataset open(DatasetPath path) {
        return ImageDataset.open(path.split() == null ? path.folder() : path.resolve());
    }

    /** A folder whose own name holds a comma is taken as it is. */
    private static List<String> names(String text) {
        return Files.isDirectory(Path.of(text)) ? List.of(text) : List.of(text.split(",", -1));
    }

    private static Path realPath(ImageDataset dataset) {
        try {
            return dataset.folder().toRealPath();
        } catch (IOException e) {
            dataset.close();
            throw new IllegalArgumentException("cannot read " + dataset.folder() + ": " + e.getMessage(), e);
        }
    }
}
