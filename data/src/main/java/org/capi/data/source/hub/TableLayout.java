package org.capi.data.source.hub;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a table are the image, its class and its label map.
 *
 * @param classes the class names by number; empty where none are noted
 */
record TableLayout(
        Column image, @Nullable Column label, @Nullable Column labelMap, List<String> classes) {

    private static final int MAX_NAMED = 5;

    private static final List<String> IMAGES =
            List.of("image", "img", "images", "picture", "photo", "jpg", "jpeg", "png", "webp", "pixel_values");
    private static final List<String> LABELS =
            List.of("label", "labels", "fine_label", "cls", "class", "class_label", "class_name", "category", "target");
    private static final List<String> LABEL_MAPS = List.of(
            "annotation",
            "label",
            "labels",
            "mask",
            "segmentation",
            "segmentation_map",
            "semantic_mask",
            "label_map",
            "seg");

    /** Chooses by what {@code datasets} noted, else by names and types; a table that lacks an image column is refused. */
    static TableLayout choose(Path file, List<Column> columns, Features features, boolean labels) {
        Column image = image(file, columns, features);
        Column labelMap = named(columns, LABEL_MAPS, column -> column.holdsImages() && !column.equals(image));
        Column label = labels ? label(columns, features) : null;
        if (label != null && !label.holdsLabels()) {
            throw new IllegalArgumentException("the label column '" + Column.shown(label.name()) + "' of " + file
                    + " must hold whole numbers or text, it is " + label.type()
                    + "; --no-labels imports the images without labels");
        }
        List<String> classes = label == null ? List.of() : features.classes().getOrDefault(label.name(), List.of());
        return new TableLayout(image, label, labelMap, classes);
    }

    /** Whether rows of both tables may stand in one split. */
    boolean agrees(TableLayout other) {
        return shape(image).equals(shape(other.image))
                && shape(label).equals(shape(other.label))
                && shape(labelMap).equals(shape(other.labelMap));
    }

    /** Whether a column of that name is read. */
    boolean uses(String column) {
        return column.equals(image.name())
                || (label != null && column.equals(label.name()))
                || (labelMap != null && column.equals(labelMap.name()));
    }

    /** The columns in use. */
    String described() {
        return "image '" + shape(image) + "', label '" + shape(label) + "', label map '" + shape(labelMap) + "'";
    }

    private static Column image(Path file, List<Column> columns, Features features) {
        List<Column> noted = columns.stream()
                .filter(column -> features.images().contains(column.name()))
                .toList();
        Column image = named(noted, IMAGES, column -> true);
        if (image == null) {
            image = first(noted, column -> !LABEL_MAPS.contains(column.name()));
        }
        if (image == null) {
            image = named(columns, IMAGES, column -> true);
        }
        if (image == null) {
            List<Column> able = columns.stream()
                    .filter(column -> column.holdsImages() && !LABEL_MAPS.contains(column.name()))
                    .toList();
            image = able.size() == 1 ? able.get(0) : null;
        }
        if (image == null) {
            throw new IllegalArgumentException("no image column in " + file
                    + " (a structure of bytes and path, or binary data, named image); its columns: " + types(columns));
        }
        if (!image.holdsImages()) {
            throw new IllegalArgumentException("the image column '" + Column.shown(image.name()) + "' of " + file
                    + " must be a structure of bytes and path, or binary data; it is " + image.type());
        }
        return image;
    }

    private static @Nullable Column label(List<Column> columns, Features features) {
        Predicate<Column> noted = column -> features.classes().containsKey(column.name());
        Column label = named(columns, LABELS, noted);
        if (label == null) {
            label = first(columns, noted);
        }
        return label != null ? label : named(columns, LABELS, column -> !column.holdsImages());
    }

    private static @Nullable Column named(List<Column> columns, List<String> names, Predicate<Column> rule) {
        for (String name : names) {
            Column found = first(columns, column -> column.name().equalsIgnoreCase(name) && rule.test(column));
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static @Nullable Column first(List<Column> columns, Predicate<Column> rule) {
        return columns.stream().filter(rule).findFirst().orElse(null);
    }

    private static String shape(@Nullable Column column) {
        return column == null ? "none" : column.name() + " " + column.kind();
    }

    private static String types(List<Column> columns) {
        String types = String.join(
                ", ", columns.stream().limit(MAX_NAMED).map(Column::type).toList());
        return columns.size() <= MAX_NAMED ? types : types + " and " + (columns.size() - MAX_NAMED) + " more";
    }
}
