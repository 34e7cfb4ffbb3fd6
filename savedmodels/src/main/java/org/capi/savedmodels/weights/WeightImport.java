package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.capi.graph.vit.FrozenEncoder;
import org.capi.graph.vit.PooledVit;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.Export;
import org.capi.savedmodels.NewPath;
import org.capi.savedmodels.SafeText;
import org.capi.savedmodels.weights.BackboneWeights.BackboneInFile;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/** Turns published weights into a SavedModel. */
public final class WeightImport {

    private static final String CHECKPOINT = "weights";

    private WeightImport() {}

    /**
     * What was imported.
     *
     * @param model the architecture
     * @param parameters how many numbers the model holds
     * @param notes sentences about where in the file it was found, unless that is where published weights lie
     * @param ignored the names of what else the file holds, such as the tensors of a head; escaped, and none is long
     */
    public record Imported(FrozenEncoder.Config model, long parameters, List<String> notes, List<String> ignored) {

        public Imported {
            notes = List.copyOf(notes);
            ignored = List.copyOf(ignored);
        }
    }

    /** Receives how much of the weights has been read. */
    @FunctionalInterface
    public interface ReadProgress {

        /** Bytes of float32 numbers, and all of them. */
        void at(long done, long total);
    }

    /**
     * What a file must hold.
     *
     * @param architecture the sizes of published CAPI weights; null to take those that the tensors' shapes show
     * @param network the name that the library birder has for the network, such as {@code rope_vit_reg4_b14}; null to
     *     take it from the file's name
     */
    public record Wanted(
            @Nullable VitConfig architecture, @Nullable String network) {

        /** Whatever the file shows. */
        public static final Wanted ANY = new Wanted(null, null);

        /** Published CAPI weights of these sizes. */
        public static Wanted of(VitConfig architecture) {
            return new Wanted(architecture, null);
        }

        /** A network of birder. */
        public static Wanted of(String network) {
            return new Wanted(null, network);
        }
    }

    /**
     * An encoder in a file.
     *
     * @param prefix what stands before the names there
     * @param tensors every weight under its name without the prefix
     */
    record Found(
            FrozenEncoder.Config config,
            String prefix,
            NamedTensors tensors,
            List<String> notes,
            List<String> ignored) {}

    /** As {@link #run(Path, Path, Wanted, ReadProgress)}, which tells nobody how far it is. */
    public static Imported run(Path from, Path to, Wanted wanted) throws IOException {
        return run(from, to, wanted, (done, total) -> {});
    }

    /**
     * Writes the SavedModel of the encoder in a file: of published weights, of the teacher of a training checkpoint of
     * the reference implementation, or of a model of birder. A file that is damaged, hostile or of another architecture
     * is refused, and nothing is left behind.
     *
     * @param to a folder that does not exist yet
     */
    public static Imported run(Path from, Path to, Wanted wanted, ReadProgress progress) throws IOException {
        NewPath.refuseExisting(to);
        try (WeightFile file = WeightFile.open(from)) {
            Found found = find(file, wanted);
            Map<String, String> names = new LinkedHashMap<>();
            long parameters = 0;
            for (Map.Entry<String, Shape> tensor : found.tensors.shapes().entrySet()) {
                if (tensor.getValue().size() > 0) {
                    names.put(tensor.getKey(), tensor.getKey());
                    parameters += tensor.getValue().size();
                }
            }
            long bytes = Float.BYTES * parameters;
            var done = new AtomicLong();
            NamedTensors tensors = found.tensors.renamed(names);
            NamedTensors checked = NamedTensors.of(tensors.shapes(), name -> {
                float[] values = checkFinite(tensors.floats(name), found.prefix + name, from);
                progress.at(done.addAndGet((long) Float.BYTES * values.length), bytes);
                return values;
            });
            try (NewPath folder = NewPath.folder(to.resolveSibling(to.getFileName() + ".weights"))) {
                Path checkpoint = folder.partial().resolve(CHECKPOINT);
                TensorFlowFiles.write(checked, checkpoint);
                Export.encoder(found.config, checkpoint, "", origin(from, found.config), to);
            }
            List<String> ignored = found.ignored.stream().map(SafeText::name).toList();
            return new Imported(found.config, parameters, found.notes, ignored);
        }
    }

    private static Found find(WeightFile file, Wanted wanted) {
        boolean ofBirder = BirderFile.isOne(file);
        if (ofBirder && wanted.architecture != null) {
            throw new IllegalArgumentException("the weights in " + file.path()
                    + " are of the library birder; name the network as birder does, such as rope_vit_reg4_b14");
        }
        if (!ofBirder && wanted.network != null) {
            throw new IllegalArgumentException(
                    "the weights in " + file.path() + " are not of the library birder, so no " + wanted.network);
        }
        BackboneInFile backbone = ofBirder ? null : BackboneInFile.find(file);
        try {
            if (backbone == null) {
                return BirderFile.read(file, wanted.network);
            }
            VitConfig config = backbone.architecture(wanted.architecture);
            return new Found(config, backbone.prefix(), backbone.tensors(), backbone.notes(), backbone.ignored());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the weights in " + file.path() + " do not fit: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> origin(Path file, FrozenEncoder.Config config) {
        Map<String, String> origin = new LinkedHashMap<>();
        origin.put("weights_file", String.valueOf(file.getFileName()));
        if (config instanceof PooledVit.Config pooled) {
            int side = Math.min(pooled.rows(), pooled.columns()) * pooled.patchSize();
            origin.put(Export.IMAGE_SIZE, Integer.toString(side));
        }
        return origin;
    }

    private static float[] checkFinite(float[] values, String name, Path file) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException("the weight " + SafeText.name(name) + " in " + file + " holds "
                        + values[i] + " (number " + i + "); every weight must be a finite float32 number");
            }
        }
        return values;
    }
}
