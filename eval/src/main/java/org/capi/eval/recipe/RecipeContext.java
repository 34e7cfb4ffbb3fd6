package org.capi.eval.recipe;

import java.nio.file.Path;
import java.util.OptionalInt;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.jspecify.annotations.Nullable;

/**
 * What all entries of a recipe share.
 *
 * @param work a folder for what is unfinished
 */
public record RecipeContext(FeatureCache cache, Path work, int threads, JobProgress progress) {

    private static final int USUAL_IMAGE_SIZE = 224;
    private static final int BATCH_SIZE = 32;

    /** As given, else as the model was trained, else 224. */
    int imageSize(LoadedModel model, @Nullable Integer given) {
        OptionalInt trained = model.encoder().imageSize();
        return given == null ? trained.orElse(USUAL_IMAGE_SIZE) : given;
    }

    FeatureExtraction extraction(LoadedModel model, @Nullable Integer imageSize) {
        return new FeatureExtraction(imageSize(model, imageSize), BATCH_SIZE, threads);
    }
}
