package org.capi.eval.segment;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.data.files.DurableFile;

/**
 * How well frozen features segment.
 *
 * @param features {@code patches} of a model, or {@code pixels}
 * @param train how many images, held-out ones included
 * @param test how many images
 */
public record SegmentResult(
        String features,
        int imageSize,
        int patchSize,
        int dim,
        String standardization,
        int train,
        int test,
        List<ProbeResult> probes) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    public SegmentResult {
        probes = List.copyOf(probes);
    }

    /**
     * One probe, its hyper-parameters chosen on held-out images and fitted on all.
     *
     * @param meanIou over every label that is true or predicted somewhere, ignored ones that were predicted included with 0
     * @param meanIouMmsegmentation over those of them that are not ignored: a pixel that counts and was given an ignored
     *     label is a miss of its own label and nothing else, as in mmsegmentation's {@code IoUMetric}
     * @param accuracy the fraction of pixels
     * @param iou of each of those labels, by name
     */
    public record ProbeResult(
            String probe,
            Map<String, Object> chosen,
            double meanIou,
            double meanIouMmsegmentation,
            double accuracy,
            Map<String, Double> iou,
            List<Trial> heldOut) {

        public ProbeResult {
            chosen = Collections.unmodifiableMap(new LinkedHashMap<>(chosen));
            iou = Collections.unmodifiableMap(new LinkedHashMap<>(iou));
            heldOut = List.copyOf(heldOut);
        }
    }

    /** One point of the grid, on the held-out images. */
    public record Trial(Map<String, Object> parameters, double meanIou, double accuracy) {

        public Trial {
            parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        }
    }

    /** Writes {@code segment-FEATURES.json} into a folder, which is made if need be. */
    public void write(Path folder) throws IOException {
        DurableFile.write(
                Files.createDirectories(folder).resolve("segment-" + features + ".json"),
                JSON.writeValueAsString(this) + "\n");
    }
}
