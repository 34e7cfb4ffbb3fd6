package org.capi.eval.features;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageDataset.DatasetSummary;
import org.capi.data.arrow.ImageRecord;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.Standardization;

/**
 * A vector and a class for every labelled image of a dataset; and the rule that a probe needs labels and can only be
 * tested on classes that it was trained on.
 */
public final class FeatureTable {

    private static final int MAX_NAMED = 5;

    private final FeatureRows rows;
    private final int[] labels;
    private final List<String> classes;

    /**
     * Wraps the array without a copy.
     *
     * @param labels an index into the classes for each row
     */
    public FeatureTable(FeatureRows rows, int[] labels, List<String> classes) {
        if (rows.size() != labels.length) {
            throw new IllegalArgumentException(rows.size() + " rows of features, but " + labels.length + " labels");
        }
        this.rows = rows;
        this.labels = labels;
        this.classes = List.copyOf(classes);
    }

    /** The labelled images of a file that has one vector for an image, read in place: it must stay open. */
    public static FeatureTable of(FeatureFile file) {
        int[] labelled = IntStream.range(0, file.size())
                .filter(row -> file.label(row) != ImageRecord.UNLABELLED)
                .toArray();
        int[] labels = IntStream.of(labelled).map(file::label).toArray();
        int classes = file.classes().size();
        if (IntStream.of(labels).anyMatch(label -> label < 0 || label >= classes)) {
            throw new IllegalArgumentException("a file of features has a label outside its " + classes + " classes");
        }
        return new FeatureTable(labelled.length == file.size() ? file : file.only(labelled), labels, file.classes());
    }

    /** Refuses test images of a class of which there is no training image, before any feature is computed. */
    public static void check(ImageDataset train, ImageDataset test) {
        Set<String> trained = Set.copyOf(withImages(train));
        List<String> lacking = withImages(test).stream()
                .filter(name -> !trained.contains(name))
                .toList();
        if (lacking.isEmpty()) {
            return;
        }
        String names = lacking.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("the test images " + test.folder() + " have " + lacking.size()
                + (lacking.size() == 1 ? " class" : " classes") + " of which the training images " + train.folder()
                + " have none: " + names + (lacking.size() > MAX_NAMED ? ", ..." : ""));
    }

    private static List<String> withImages(ImageDataset dataset) {
        return dataset.summary().classes().stream()
                .filter(entry -> entry.images() > 0)
                .map(DatasetSummary.ClassCount::name)
                .toList();
    }

    /** Refuses images of which none has a label. */
    public static void checkLabelled(ImageDataset dataset) {
        if (dataset.info().labelled() == 0) {
            throw new IllegalArgumentException("the dataset " + dataset.folder()
                    + " has no labels; this evaluation needs the class of each image");
        }
    }

    public int size() {
        return labels.length;
    }

    /** The vectors, in the order of the images. */
    public FeatureRows rows() {
        return rows;
    }

    public int label(int image) {
        return labels[image];
    }

    public List<String> classes() {
        return classes;
    }

    /** The same images with labels that are indices into other classes, which must contain every name. */
    public FeatureTable labelledBy(List<String> others) {
        if (others.equals(classes)) {
            return this;
        }
        int[] relabelled = IntStream.of(labels)
                .map(label -> others.indexOf(classes.get(label)))
                .toArray();
        for (int i = 0; i < labels.length; i++) {
            if (relabelled[i] < 0) {
                throw new IllegalArgumentException("the class " + classes.get(labels[i])
                        + " of the test images is not among those of the training images: "
                        + String.join(", ", others));
            }
        }
        return new FeatureTable(rows, relabelled, others);
    }

    /** The same images, their vectors standardized when they are read. */
    public FeatureTable standardized(Standardization.Fitted standardization) {
        return new FeatureTable(standardization.of(rows), labels, classes);
    }
}
