package org.capi.eval.segment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.capi.data.files.StrictJson;

/**
 * The scores of frozen features in segmentation.
 *
 * @param features {@code patches} of a model, or {@code pixels}
 * @param train images, held-out ones included
 * @param test images
 */
public record SegmentResult(
        String features,
        int imageSize,
        int patchSize,
        int dim,
        String standardization,
        int train,
        int test,
        List<SegmentProbeResult> probes) {

    /**
     * One probe, its hyper-parameters chosen on held-out images and fitted on all.
     *
     * @param meanIou over every label that is true or predicted somewhere, ignored ones that were predicted included
     *     with 0
     * @param meanIouMmsegmentation over those of them that are not ignored: a pixel that counts and was given an
     *     ignored label is a miss of its own label and nothing else, as in mmsegmentation's {@code IoUMetric}
     * @param accuracy the fraction of pixels
     * @param iou of each of those labels, by name
     */
    public record SegmentProbeResult(
            String probe,
            Map<String, Object> chosen,
            double meanIou,
            double meanIouMmsegmentation,
            double accuracy,
            Map<String, Double> iou,
            List<GridScore> heldOut) {}

    /** One point of the grid, on the held-out images. */
    public record GridScore(Map<String, Object> parameters, double meanIou, double accuracy) {}

    /** Writes {@code segment-FEATURES.json} into a folder, which is created if missing. */
    public void write(Path folder) throws IOException {
        StrictJson.write(folder.resolve("segment-" + features + ".json"), this);
    }
}
