package org.capi.train.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.capi.graph.pretrain.StepConfig.TargetSource;
import org.capi.savedmodels.weights.BackboneWeights;
import org.capi.train.checkpoint.Checkpoints.Checkpoint;
import org.capi.train.config.PretrainConfig;
import org.capi.train.run.RunFolder;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/** Weights that a pretraining starts with, in place of random ones, and those of a frozen teacher. */
final class InitialWeights {

    private static final String TEACHER = "student_ema.backbone.";
    private static final String PATCH_EMBED = "patch_embed.weight";
    private static final String ENCODER = "encoder.";

    private InitialWeights() {}

    /**
     * Opens the teacher's backbone of a run's newest checkpoint, the backbone of a SavedModel, or that of a file of
     * weights; one that is not of the configuration's architecture is refused.
     */
    static BackboneWeights open(Path from, PretrainConfig config) throws IOException {
        BackboneWeights weights = find(from);
        try {
            weights.check(config.vit());
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    /**
     * Opens the frozen teacher that a configuration names, from the same kinds of sources; one whose encoder has other
     * weights than {@code encoder} is refused. Its predictor may be any.
     *
     * @return null where the configuration names none
     */
    static @Nullable BackboneWeights teacher(PretrainConfig config, Map<String, Shape> encoder) throws IOException {
        if (config.capi().targets() != TargetSource.FROZEN) {
            return null;
        }
        Path from = Path.of(config.capi().teacher());
        if (!Files.exists(from)) {
            throw new IllegalArgumentException(
                    "capi.teacher must be a run, a model or a file of weights, was " + from + ", which is not there");
        }
        BackboneWeights weights = find(from);
        try {
            Map<String, Shape> found = weights.tensors().shapes();
            for (var wanted : encoder.entrySet()) {
                Shape shape = found.get(wanted.getKey());
                if (!wanted.getValue().equals(shape)) {
                    throw new IllegalArgumentException("capi.teacher must have an encoder of the sizes in the section"
                            + " model, was " + from + ": its " + wanted.getKey() + " "
                            + (shape == null ? "is missing" : "has the shape " + shape) + ", wanted is "
                            + wanted.getValue()
                            + (wanted.getKey().equals(PATCH_EMBED) ? " [dim, 3, patch_size, patch_size]" : ""));
                }
            }
            for (String name : found.keySet()) {
                if (name.startsWith(ENCODER) && !encoder.containsKey(name)) {
                    throw new IllegalArgumentException("capi.teacher must have an encoder of the sizes in the section"
                            + " model, was " + from + ": it has " + name + " besides");
                }
            }
            return weights;
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    private static BackboneWeights find(Path from) throws IOException {
        if (!Files.exists(from)) {
            throw new IllegalArgumentException("no run, model or file of weights: " + from);
        }
        if (!Files.isRegularFile(new RunFolder(from).recordFile())) {
            return BackboneWeights.open(from);
        }
        RunFolder folder = RunFolder.open(from);
        PretrainConfig config = folder.config().resolve();
        Checkpoint newest = PretrainRun.checkpoints(folder, config)
                .newestWhole(false)
                .orElseThrow(() -> new IllegalArgumentException(
                        "the run " + from + " has no complete checkpoint to take weights of"));
        return BackboneWeights.ofCheckpoint(newest.prefix(), TEACHER, config.vit());
    }
}
