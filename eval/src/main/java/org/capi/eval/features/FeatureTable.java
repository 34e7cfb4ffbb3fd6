package org.capi.eval.features;

import java.util.List;
import java.util.stream.IntStream;
import org.capi.data.arrow.ImageRecord;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.Standardiser;

/** A vector and a class for every labelled image of a dataset. */
public final class FeatureTable {

    private final FeatureRows rows;
    private final int[] labels;
    private final List<String> classes;

    /**
     * Takes the array as it is.
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

    /** The labelled images of a file that has one vector for an image, read where they are: it must stay open. */
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

    /** How many images. */
    public int size() {
        return labels.length;
    }

    /** The vectors, in the order of the images. */
    public FeatureRows rows() {
        return rows;
    }

    /** The class of an image. */
    public int label(int image) {
        return labels[image];
    }

    /** The names of the classes. */
    public List<String> classes() {
        return classes;
    }

    /** The same images with labels that count in another list of classes, which must hold every name. */
    public FeatureTable labelledBy(List<String> others) {
        if (others.equals(classes)) {
            return this;
        }
        int[] relabelled = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            String name = classes.get(labels[i]);
            relabelled[i] = others.indexOf(name);
            if (relabelled[i] < 0) {
                throw new IllegalArgumentException("the class " + name + " of the test images is not among those of the"
                        + " training images: " + String.join(", ", others));
            }
        }
        return new FeatureTable(rows, relabelled, others);
    }

    /** The same images, their vectors standardised when they are read. */
    public FeatureTable standardised(Standardiser standardiser) {
        return new FeatureTable(standardiser.of(rows), labels, classes);
    }
}
