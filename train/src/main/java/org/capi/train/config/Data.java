package org.capi.train.config;

import java.util.List;

/**
 * What is made of an image: its crop, its mask, and the masked patches that are predicted.
 *
 * @param cropScale the smallest and the largest share of the image's area that a crop keeps
 * @param roll whether a block may wrap around the edges of the grid
 * @param minAspect the flattest block, as height over width; the tallest is its inverse
 * @param maskRatio the share of the patches that is hidden from the encoder
 * @param predictionSubsampling the share of the hidden patches that is predicted
 */
public record Data(
        ImageSize imageSize,
        List<Double> cropScale,
        boolean flip,
        Mask mask,
        boolean roll,
        double minAspect,
        double maskRatio,
        double predictionSubsampling,
        int threads) {

    public Data {
        cropScale = List.copyOf(cropScale);
        Rule.check(
                cropScale.size() == 2
                        && 0 < cropScale.get(0)
                        && cropScale.get(0) <= cropScale.get(1)
                        && cropScale.get(1) <= 1,
                "data.crop_scale",
                "must be [min, max] with 0 < min <= max <= 1",
                cropScale);
        Rule.check(
                !roll || mask != Mask.UNIFORM,
                "data.roll",
                "must be false when data.mask is uniform, which has no block to roll",
                roll);
        Rule.check(
                minAspect > 0 && minAspect <= 1, "data.min_aspect", "must be greater than 0 and at most 1", minAspect);
        Rule.check(
                maskRatio > 0 && maskRatio < 1, "data.mask_ratio", "must be greater than 0 and less than 1", maskRatio);
        Rule.check(
                predictionSubsampling > 0 && predictionSubsampling <= 1,
                "data.prediction_subsampling",
                "must be greater than 0 and at most 1",
                predictionSubsampling);
        Rule.atLeast("data.threads", 1, threads);
    }

    /** The smallest share of the image's area that a crop keeps. */
    public double cropScaleMin() {
        return cropScale.get(0);
    }

    /** The largest share of the image's area that a crop keeps. */
    public double cropScaleMax() {
        return cropScale.get(1);
    }

    /** How many of so many patches are hidden, rounded down. */
    public int masked(int patches) {
        return (int) (patches * maskRatio);
    }

    /** How many of so many patches are predicted, rounded down. */
    public int predicted(int patches) {
        return (int) (masked(patches) * predictionSubsampling);
    }
}
