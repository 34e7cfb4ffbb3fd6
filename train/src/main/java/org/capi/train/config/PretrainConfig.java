package org.capi.train.config;

import java.util.List;

/** Everything that decides what a pretraining computes; where its files lie is not part of it. */
public record PretrainConfig(
        Model model,
        Capi capi,
        Optim optim,
        Data data,
        Compute compute,
        Checkpoint checkpoint,
        Metrics metrics,
        List<Evaluation> evals,
        long seed) {

    public PretrainConfig {
        evals = List.copyOf(evals);
        int patch = model.patchSize();
        var size = data.imageSize();
        Rule.check(
                size.height() % patch == 0 && size.width() % patch == 0,
                "data.image_size",
                "must be a multiple of model.patch_size, which is " + patch,
                size.written());
        int rows = size.height() / patch;
        int columns = size.width() / patch;
        int patches = rows * columns;
        Rule.check(
                data.masked(patches) > 0 && data.masked(patches) < patches,
                "data.mask_ratio",
                "must hide at least one and leave at least one of the " + patches + " patches",
                data.maskRatio());
        Rule.check(
                data.predicted(patches) > 0,
                "data.prediction_subsampling",
                "must leave at least one of the " + data.masked(patches) + " hidden patches to predict",
                data.predictionSubsampling());
        int block = data.mask() == Mask.BLOCK ? data.masked(patches) : patches - data.masked(patches);
        Rule.check(
                data.mask() == Mask.UNIFORM || blockFits(rows, columns, block, data.minAspect()),
                "data.mask_ratio",
                "must leave room for a block of " + block + " patches with an aspect from data.min_aspect on in a grid"
                        + " of " + rows + " x " + columns,
                data.maskRatio());
    }

    /** The number of patches of one image. */
    public int patches() {
        return data.imageSize().height() / model.patchSize() * (data.imageSize().width() / model.patchSize());
    }

    /** The whole configuration as YAML, every key in it. */
    public String toYaml() {
        return Yaml.write(this);
    }

    private static boolean blockFits(int rows, int columns, int block, double minAspect) {
        double flattest = Math.max(minAspect, block / (double) (columns * columns));
        double tallest = Math.min(1 / minAspect, rows * rows / (block + 1e-5));
        return flattest <= tallest;
    }
}
