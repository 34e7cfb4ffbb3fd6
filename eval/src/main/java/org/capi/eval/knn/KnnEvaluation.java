package org.capi.eval.knn;

import java.io.IOException;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.FeatureTable;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.Representation;
import org.capi.eval.features.SharedClasses;
import org.capi.savedmodels.VisionEncoder;

/** The k-NN probe from two datasets to a result. */
public record KnnEvaluation(NearestNeighbours neighbours, FeatureExtraction extraction) {

    /** What {@link KnnResult#representation} is when no model was used. */
    public static final String PIXELS = "pixels";

    /** Judges an encoder by its features. */
    public KnnResult ofModel(
            VisionEncoder encoder,
            Representation representation,
            ImageDataset train,
            ImageDataset test,
            JobProgress progress)
            throws IOException {
        neighbours.check(train.info().labelled());
        SharedClasses.check(train, test);
        var known = extraction.encode(encoder, representation, train, progress.part("train"));
        var asked = extraction.encode(encoder, representation, test, progress.part("test"));
        return neighbours.judge(known, asked, representation.toString());
    }

    /** The baseline without any model: the images' own pixels, less the mean of the training images. */
    public KnnResult ofPixels(ImageDataset train, ImageDataset test, JobProgress progress) throws IOException {
        neighbours.check(train.info().labelled());
        SharedClasses.check(train, test);
        FeatureTable known = extraction.pixels(train, progress.part("train"));
        FeatureTable asked = extraction.pixels(test, progress.part("test"));
        float[] mean = known.mean();
        return neighbours.judge(known.minus(mean), asked.minus(mean), PIXELS);
    }
}
