package org.capi.data.mask;

/**
 * How many patches of every image are masked and how many of those are predicted.
 *
 * @param tokens the patches of an image
 */
public record MaskCounts(int tokens, int masked, int predicted) {

    /** Products in double arithmetic, truncated. */
    public static MaskCounts of(int tokens, double maskRatio, double predictionSubsampling) {
        int masked = (int) (tokens * maskRatio);
        return new MaskCounts(tokens, masked, (int) (masked * predictionSubsampling));
    }

    /** As {@link #of}, but refuses counts that leave nothing to see or nothing to predict. */
    public static MaskCounts forTraining(int tokens, double maskRatio, double predictionSubsampling) {
        if (!(maskRatio > 0 && maskRatio < 1)) {
            throw new IllegalArgumentException("mask_ratio must be above 0 and below 1, was " + maskRatio);
        }
        if (!(predictionSubsampling > 0 && predictionSubsampling <= 1)) {
            throw new IllegalArgumentException(
                    "prediction_subsampling must be above 0 and at most 1, was " + predictionSubsampling);
        }
        MaskCounts counts = of(tokens, maskRatio, predictionSubsampling);
        if (counts.predicted < 1) {
            throw new IllegalArgumentException("mask_ratio " + maskRatio + " and prediction_subsampling "
                    + predictionSubsampling + " leave no patch to predict: of " + tokens + " patches " + counts.masked
                    + " are masked and " + counts.predicted + " of those predicted");
        }
        return counts;
    }

    /** The patches that the student sees. */
    public int visible() {
        return tokens - masked;
    }
}
