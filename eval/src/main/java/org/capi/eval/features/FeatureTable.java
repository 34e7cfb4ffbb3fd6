package org.capi.eval.features;

import java.util.List;
import java.util.stream.IntStream;
import org.capi.data.arrow.ImageRecord;

/** A vector and a class for every labelled image of a dataset. */
public final class FeatureTable {

    private final float[][] rows;
    private final int[] labels;
    private final List<String> classes;

    /**
     * Takes the arrays as they are.
     *
     * @param labels an index into the classes for each row
     */
    public FeatureTable(float[][] rows, int[] labels, List<String> classes) {
        if (rows.length == 0) {
            throw new IllegalArgumentException("a table of features needs a row");
        }
        if (rows.length != labels.length) {
            throw new IllegalArgumentException(rows.length + " rows of features, but " + labels.length + " labels");
        }
        this.rows = rows;
        this.labels = labels;
        this.classes = List.copyOf(classes);
    }

    /** The labelled images of a file that has one vector for an image, copied into memory. */
    public static FeatureTable of(FeatureFile file) {
        int[] labelled = IntStream.range(0, file.size())
                .filter(row -> file.label(row) != ImageRecord.UNLABELLED)
                .toArray();
        float[][] rows = new float[labelled.length][file.dim()];
        int[] labels = new int[labelled.length];
        for (int i = 0; i < labelled.length; i++) {
            file.read(labelled[i], 1, rows[i], 0);
            labels[i] = file.label(labelled[i]);
        }
        return new FeatureTable(rows, labels, file.classes());
    }

    /** How many images. */
    public int size() {
        return rows.length;
    }

    /** The length of a vector. */
    public int dim() {
        return rows[0].length;
    }

    /** The vector of an image; not a copy. */
    public float[] row(int image) {
        return rows[image];
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

    /** Subtracts a vector from every row. */
    public FeatureTable minus(float[] vector) {
        float[][] moved = new float[rows.length][vector.length];
        for (int i = 0; i < rows.length; i++) {
            for (int d = 0; d < vector.length; d++) {
                moved[i][d] = rows[i][d] - vector[d];
            }
        }
        return new FeatureTable(moved, labels, classes);
    }

    /** The mean of the rows. */
    public float[] mean() {
        double[] sums = new double[dim()];
        for (float[] row : rows) {
            for (int d = 0; d < sums.length; d++) {
                sums[d] += row[d];
            }
        }
        float[] mean = new float[sums.length];
        for (int d = 0; d < sums.length; d++) {
            mean[d] = (float) (sums[d] / rows.length);
        }
        return mean;
    }
}
