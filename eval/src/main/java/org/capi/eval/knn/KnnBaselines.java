package org.capi.eval.knn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.io.function.IOSupplier;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.DurableFile;
import org.capi.data.files.StrictJson;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Transform;
import org.capi.eval.knn.KnnEvaluation.Outcome;

/**
 * The accuracies of pixels and of an untrained model. They do not depend on the weights of a model, so they are kept in
 * small files next to its features, each under a checksum of all that they depend on.
 */
record KnnBaselines(
        KnnEvaluation evaluation,
        FeatureCache cache,
        Transform transform,
        ImageDataset train,
        ImageDataset test,
        JobProgress progress) {

    /** Changed when the same settings would give other accuracies. */
    private static final String VERSION = "1";

    private static final int NAME_LENGTH = 16;

    /** Top-1 of each classifier by representation, and the settings that they were measured with. */
    private record Kept(Map<String, String> settings, Map<String, List<Double>> top1) {}

    /** Top-1 of each classifier; empty where there are too many images. */
    List<Double> pixels() throws IOException {
        if (!FeatureExtraction.fitsPixels(train) || !FeatureExtraction.fitsPixels(test)) {
            return List.of();
        }
        return kept(
                        KnnEvaluation.PIXELS,
                        Map.of(),
                        () -> Map.of(KnnEvaluation.PIXELS, top1(evaluation.ofPixels(train, test, progress))))
                .getOrDefault(KnnEvaluation.PIXELS, List.of());
    }

    /** Top-1 of each classifier by representation; empty for a model that does not describe its architecture. */
    Map<String, List<Double>> untrainedTwin(LoadedModel model, List<Representation> representations)
            throws IOException {
        if (model.encoder().architecture().isEmpty()) {
            return Map.of();
        }
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("architecture", model.encoder().architecture());
        settings.put(
                "representations", representations.stream().sorted().toList().toString());
        settings.put("image_size", Integer.toString(evaluation.extraction().imageSize()));
        settings.put("transform", transform.toString());
        return kept("untrained", settings, () -> untrained(model.untrained(), representations));
    }

    private Map<String, List<Double>> untrained(Optional<LoadedModel> fresh, List<Representation> representations)
            throws IOException {
        if (fresh.isEmpty()) {
            return Map.of();
        }
        try (LoadedModel model = fresh.get()) {
            return untrained(model, representations);
        }
    }

    private Map<String, List<Double>> untrained(LoadedModel model, List<Representation> representations)
            throws IOException {
        Path scratch = Files.createTempDirectory(Files.createDirectories(cache.folder()), "untrained");
        try {
            Map<String, List<Double>> top1 = new LinkedHashMap<>();
            evaluation
                    .ofModel(
                            model,
                            new FeatureCache(scratch, cache.reporter()),
                            representations,
                            transform,
                            train,
                            test,
                            part -> progress.part(part + ", untrained"))
                    .forEach((representation, outcomes) -> top1.put(representation.toString(), top1(outcomes)));
            return top1;
        } finally {
            DurableFile.deleteTree(scratch);
        }
    }

    private static List<Double> top1(List<Outcome> outcomes) {
        return outcomes.stream().map(outcome -> outcome.result().top1()).toList();
    }

    /** What was measured with these settings before, else what is measured now. */
    private Map<String, List<Double>> kept(
            String name, Map<String, String> more, IOSupplier<Map<String, List<Double>>> measuring) throws IOException {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("version", VERSION);
        settings.put("train", LoadedModel.checksum(train));
        settings.put("test", LoadedModel.checksum(test));
        settings.put("classifiers", evaluation.grid().toString());
        settings.putAll(more);
        String hash = DigestUtils.sha256Hex(settings.toString()).substring(0, NAME_LENGTH);
        Path file = cache.folder().resolve("knn-" + name + "-" + hash + ".json");
        if (Files.exists(file)) {
            try {
                Kept before = StrictJson.MAPPER.readValue(Files.readString(file), Kept.class);
                if (before != null && settings.equals(before.settings) && isWhole(before.top1)) {
                    return before.top1;
                }
            } catch (IOException e) {
                // damaged: measured again, as damaged features are
            }
            cache.reporter().accept("the baseline " + file + " is damaged; it is measured again");
        }
        Map<String, List<Double>> top1 = measuring.get();
        StrictJson.write(file, new Kept(settings, top1));
        return top1;
    }

    private boolean isWhole(Map<String, List<Double>> top1) {
        return top1 != null
                && top1.values().stream()
                        .allMatch(values -> values.size() == evaluation.grid().size());
    }
}
