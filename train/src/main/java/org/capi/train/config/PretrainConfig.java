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
        checkPredictor(model, capi);
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

    /** Refuses a predictor whose output cannot stand beside the targets as it is. */
    private static void checkPredictor(Model model, Capi capi) {
        boolean pixels = capi.targets() == Targets.PIXELS;
        int width = pixels ? 3 * model.patchSize() * model.patchSize() : model.dim();
        String wanted = pixels ? "the " + width + " numbers of a patch" : "model.dim, " + width;
        Rule.check(
                capi.studentHead() != StudentHead.IDENTITY || model.predictorDim() == width,
                "model.predictor_dim",
                "must be " + wanted + ", when capi.student_head is identity, which compares it with the target",
                model.predictorDim());
        Rule.check(
                capi.objective() != Objective.IBOT || model.predictorDim() == width,
                "model.predictor_dim",
                "must be " + wanted + ", when capi.objective is ibot, whose one head reads predictor and encoder",
                model.predictorDim());
    }

    /** The number of patches of one image. */
    public int patches() {
        return data.imageSize().height() / model.patchSize() * (data.imageSize().width() / model.patchSize());
    }

    /** The same with paths that any working directory understands, for a run that goes on from another. */
    public PretrainConfig withAbsolutePaths() {
        return new PretrainConfig(
                model,
                capi.withAbsolutePaths(),
                optim,
                data,
                compute,
                checkpoint,
                metrics,
                evals.stream().map(Evaluation::withAbsolutePaths).toList(),
                seed);
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
