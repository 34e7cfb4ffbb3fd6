package org.capi.eval.recipe;

import java.nio.file.Path;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.jspecify.annotations.Nullable;

/**
 * What an entry of a recipe is given.
 *
 * @param folder for the files of this entry and this model
 */
public record RecipeContext(FeatureCache cache, Path folder, int threads, JobProgress progress) {

    static final int BATCH_SIZE = 32;

    private static final int USUAL_IMAGE_SIZE = 224;

    /** As given, else as the model was trained, else 224. */
    static int imageSize(LoadedModel model, @Nullable Integer given) {
        return given == null ? model.encoder().imageSize().orElse(USUAL_IMAGE_SIZE) : given;
    }

    FeatureExtraction extraction(LoadedModel model, @Nullable Integer imageSize, @Nullable Integer batchSize) {
        return new FeatureExtraction(imageSize(model, imageSize), RecipeEntry.or(batchSize, BATCH_SIZE), threads);
    }
}
