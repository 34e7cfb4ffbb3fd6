package org.capi.data.source.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.capi.data.source.hub.TableLayout.TableColumn.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a table are the image, its class and its label map.
 *
 * @param classes the class names by number; empty where none are noted
 */
record TableLayout(
        TableColumn image,
        @Nullable TableColumn label,
        @Nullable TableColumn labelMap,
        List<String> classes) {

    /** The parts of a structure that is an image. */
    static final String BYTES = "bytes";

    static final String PATH = "path";

    private static final int MAX_NAMED = 5;

    private static final List<String> IMAGES =
            List.of("image", "img", "images", "picture", "photo", "jpg", "jpeg", "png", "webp", "pixel_values");
    private static final List<String> LABELS =
            List.of("label", "labels", "fine_label", "cls", "class", "class_label", "class_name", "category", "target");
    private static final List<String> LABEL_MAPS = List.of(
            "annotation label labels mask segmentation segmentation_map semantic_mask label_map seg".split(" ", -1));

    /** The values of a row that are read. */
    enum Cell {
        IMAGE,
        IMAGE_PATH,
        LABEL_MAP,
        LABEL_MAP_PATH,
        LABEL;

        boolean isEncoded() {
            return this == IMAGE || this == LABEL_MAP;
        }

        boolean isPath() {
            return this == IMAGE_PATH || this == LABEL_MAP_PATH;
        }
    }

    /**
     * A column of a table.
     *
     * @param type its type, in the words of the file
     */
    record TableColumn(String name, Kind kind, String type) {

        private static final int MAX_SHOWN = 120;

        /** What a column can be used for. */
        enum Kind {
            /** A structure with {@code bytes}, and perhaps a {@code path}. */
            IMAGE,
            BYTES,
            INTEGER,
            TEXT,
            OTHER
        }

        /** A column whose type is described by a file, in words that may span lines. */
        static TableColumn of(String name, Kind kind, String type) {
            return new TableColumn(name, kind, shown(type.replaceAll("\\s+", " ")));
        }

        /** A text of a file, short and without control characters. */
        static String shown(String text) {
            String start = text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
            return start.replaceAll("[\\p{Cntrl}\u2028\u2029]", "?");
        }

        boolean holdsImages() {
            return kind == Kind.IMAGE || kind == Kind.BYTES;
        }
    }

    /**
     * The notes of the {@code datasets} library on a table's columns.
     *
     * @param images the columns of type Image
     * @param classes the columns of type ClassLabel, each with its class names, which may be missing
     */
    record ColumnNotes(List<String> images, Map<String, List<String>> classes) {

        /** The key of a file's metadata that holds the notes. */
        static final String METADATA = "huggingface";

        static final ColumnNotes NONE = new ColumnNotes(List.of(), Map.of());

        private static final JsonMapper JSON = new JsonMapper();

        /** Reads a file's metadata, which may be missing. */
        static ColumnNotes ofMetadata(@Nullable String json) throws JsonProcessingException {
            return json == null ? NONE : of(JSON.readTree(json).path("info"));
        }

        /** Reads an object that has {@code features}, as in dataset_info.json. */
        static ColumnNotes of(JsonNode info) {
            List<String> images = new ArrayList<>();
            Map<String, List<String>> classes = new LinkedHashMap<>();
            info.path("features").properties().forEach(feature -> {
                String type = feature.getValue().path("_type").asText();
                if (type.equals("Image")) {
                    images.add(feature.getKey());
                } else if (type.equals("ClassLabel")) {
                    List<String> names = new ArrayList<>();
                    feature.getValue().path("names").forEach(name -> names.add(name.asText()));
                    classes.put(feature.getKey(), List.copyOf(names));
                }
            });
            return new ColumnNotes(List.copyOf(images), classes);
        }

        boolean isEmpty() {
            return images.isEmpty() && classes.isEmpty();
        }
    }

    /**
     * Chooses by the notes of {@code datasets}, else by names and types; a table without an image column is refused.
     */
    static TableLayout choose(Path file, List<TableColumn> columns, ColumnNotes notes, boolean labels) {
        TableColumn image = image(file, columns, notes);
        TableColumn labelMap = named(columns, LABEL_MAPS, column -> column.holdsImages() && !column.equals(image))
                .orElse(null);
        TableColumn label = labels ? label(columns, notes) : null;
        if (label != null && label.kind != Kind.INTEGER && label.kind != Kind.TEXT) {
            throw new IllegalArgumentException("the label column '" + TableColumn.shown(label.name) + "' of " + file
                    + " must hold whole numbers or text, it is " + label.type
                    + "; --no-labels imports the images without labels");
        }
        List<String> classes = label == null ? List.of() : notes.classes.getOrDefault(label.name, List.of());
        return new TableLayout(image, label, labelMap, classes);
    }

    /** The column and the part of it that hold a cell; null where it is not read. */
    @Nullable
    List<String> path(Cell cell) {
        TableColumn column = switch (cell) {
            case IMAGE, IMAGE_PATH -> image;
            case LABEL_MAP, LABEL_MAP_PATH -> labelMap;
            case LABEL -> label;
        };
        if (column == null || (cell.isPath() && column.kind != Kind.IMAGE)) {
            return null;
        }
        return column.kind == Kind.IMAGE ? List.of(column.name, cell.isPath() ? PATH : BYTES) : List.of(column.name);
    }

    boolean uses(String column) {
        return column.equals(image.name)
                || (label != null && column.equals(label.name))
                || (labelMap != null && column.equals(labelMap.name));
    }

    /** The columns in use; tables with the same may be in one split. */
    String described() {
        return "image '" + shape(image) + "', label '" + shape(label) + "', label map '" + shape(labelMap) + "'";
    }

    private static String shape(@Nullable TableColumn column) {
        return column == null ? "none" : column.name + " " + column.kind;
    }

    private static TableColumn image(Path file, List<TableColumn> columns, ColumnNotes notes) {
        List<TableColumn> noted = columns.stream()
                .filter(column -> notes.images.contains(column.name))
                .toList();
        List<TableColumn> able = columns.stream()
                .filter(column -> column.holdsImages() && !LABEL_MAPS.contains(column.name))
                .toList();
        TableColumn image = named(noted, IMAGES, column -> true)
                .or(() -> first(noted, column -> !LABEL_MAPS.contains(column.name)))
                .or(() -> named(columns, IMAGES, column -> true))
                .or(() -> able.size() == 1 ? Optional.of(able.get(0)) : Optional.empty())
                .orElseThrow(() -> new IllegalArgumentException("no image column in " + file
                        + " (a structure of bytes and path, or binary data, named image); its columns: "
                        + types(columns)));
        if (!image.holdsImages()) {
            throw new IllegalArgumentException("the image column '" + TableColumn.shown(image.name) + "' of " + file
                    + " must be a structure of bytes and path, or binary data; it is " + image.type);
        }
        return image;
    }

    private static @Nullable TableColumn label(List<TableColumn> columns, ColumnNotes notes) {
        Predicate<TableColumn> noted = column -> notes.classes.containsKey(column.name);
        return named(columns, LABELS, noted)
                .or(() -> first(columns, noted))
                .or(() -> named(columns, LABELS, column -> !column.holdsImages()))
                .orElse(null);
    }

    private static Optional<TableColumn> named(
            List<TableColumn> columns, List<String> names, Predicate<TableColumn> rule) {
        return names.stream()
                .flatMap(name ->
                        columns.stream().filter(column -> column.name.equalsIgnoreCase(name) && rule.test(column)))
                .findFirst();
    }

    private static Optional<TableColumn> first(List<TableColumn> columns, Predicate<TableColumn> rule) {
        return columns.stream().filter(rule).findFirst();
    }

    private static String types(List<TableColumn> columns) {
        String types = String.join(
                ", ", columns.stream().limit(MAX_NAMED).map(TableColumn::type).toList());
        return columns.size() <= MAX_NAMED ? types : types + " and " + (columns.size() - MAX_NAMED) + " more";
    }
}
