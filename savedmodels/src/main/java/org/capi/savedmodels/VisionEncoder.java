package org.capi.savedmodels;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.VariableFile;
import org.capi.savedmodels.SavedModelWriter.Signature;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/** An encoder of images loaded from a SavedModel; may be called from several threads at once. */
public final class VisionEncoder implements AutoCloseable {

    /** The input: float32 {@code [batch, height, width, 3]} in [0, 1]. */
    public static final String IMAGES = "images";

    /** The output of one vector for an image. */
    public static final String GLOBAL = "global";

    /** The output of one vector for each register. */
    public static final String REGISTERS = "registers";

    /** The output of one vector for each patch, in the image's arrangement. */
    public static final String FEATURE_MAP = "feature_map";

    /** The input of files: JPEG or PNG, {@code [batch]}. */
    public static final String IMAGE_BYTES = "image_bytes";

    private static final Pattern CHECK =
            Pattern.compile("assertion failed: \\[(" + IMAGE_BYTES + "\\[.*?)\\]( \\[[^]]*\\])?$");

    private static final long UNTRAINED_SEED = 0;

    static final List<String> OUTPUTS = List.of(GLOBAL, REGISTERS, FEATURE_MAP);

    private final Session session;
    private final Runnable closing;
    private final Map<String, SignatureDef> signatures;
    private final JsonNode description;

    private VisionEncoder(
            Session session, Runnable closing, Map<String, SignatureDef> signatures, JsonNode description) {
        this.session = session;
        this.closing = closing;
        this.signatures = signatures;
        this.description = description;
    }

    /**
     * Loads any SavedModel whose default signature has the three outputs; another folder is refused by name.
     *
     * <p>A SavedModel is a program that TensorFlow runs, and TensorFlow has operations that read and write files, open
     * connections and call other code. A model with an operation that does more than compute, in its graph or a
     * function, is refused by the operation's name before TensorFlow sees it; only its saver may read the variables.
     * That is no protection against faults of TensorFlow itself: load models of strangers in a process that may do
     * little.
     */
    public static VisionEncoder load(Path folder) {
        Map<String, SignatureDef> signatures = EncoderContract.check(folder);
        JsonNode description = ModelDescription.read(folder);
        try {
            SavedModelBundle bundle = SavedModelBundle.load(folder.toString(), SavedModelWriter.TAG);
            return new VisionEncoder(bundle.session(), bundle::close, signatures, description);
        } catch (RuntimeException e) { // TensorFlow's own kinds, and what its Java code makes of a damaged graph
            throw new IllegalArgumentException(
                    "the SavedModel " + folder + " cannot be loaded: " + SafeText.firstLine(e), e);
        }
    }

    /**
     * Loads a model of this project after comparing each of its files with the sum that was written with it; a damaged
     * one is refused by the file's name, and so is one that the list of sums lacks. Takes the time to read every file
     * once more. Sums tell damage, not forgery: who can change a file can change its sum.
     */
    public static VisionEncoder loadVerified(Path folder) throws IOException {
        EncoderContract.check(folder);
        ModelChecksums.verify(folder);
        return load(folder);
    }

    /**
     * The same architecture with fresh weights, which a fixed seed decides; empty for a model that does not describe its
     * architecture as exports of this project do. It has no signature for encoded images.
     */
    public Optional<VisionEncoder> untrained() {
        return ModelDescription.architecture(description).map(config -> {
            var graph = new Graph();
            try {
                Ops tf = Ops.create(graph);
                var params = Parameters.create(tf, TFloat32.class, UNTRAINED_SEED);
                Signature signature = Export.ofImages(tf, config, config.encoder(params), List.of());
                var variables = VariableFile.create(
                        tf, params.list().stream().map(Parameter::variable).toList());
                var fresh = new Session(graph);
                try {
                    fresh.runner().addTarget(variables.initialize()).run().close();
                } catch (RuntimeException e) {
                    fresh.close(); // before the graph, which waits for its sessions
                    throw e;
                }
                Runnable both = () -> {
                    fresh.close();
                    graph.close();
                };
                return new VisionEncoder(fresh, both, Map.of(signature.name(), signature.toProto()), description);
            } catch (RuntimeException e) {
                graph.close();
                throw e;
            }
        });
    }

    /** What the model states about its architecture; empty where that is nothing. */
    public String architecture() {
        JsonNode model = description.path("model");
        return model.isMissingNode() ? "" : model.toString();
    }

    /** The side of a patch in pixels, for a model that states it. */
    public OptionalInt patchSize() {
        return ModelDescription.patchSize(description);
    }

    /** The side of the images that it was trained on in pixels, for a model that states it. */
    public OptionalInt imageSize() {
        return ModelDescription.imageSize(description);
    }

    /** Encodes images {@code [batch, height, width, 3]} in [0, 1]. */
    public Features encode(TFloat32 images) {
        Shape shape = images.shape();
        if (shape.numDimensions() != 4 || shape.get(3) != 3 || shape.size() == 0) {
            throw new IllegalArgumentException("images must be [batch, height, width, 3], were " + shape);
        }
        checkMultiple(shape.get(1));
        checkMultiple(shape.get(2));
        return run(Signature.DEFAULT, IMAGES, images);
    }

    /**
     * Encodes the bytes of JPEG or PNG files of any size: the central square of each, as large as the model's training
     * images, turned as its EXIF or XMP data say. What is no such file is refused by its index in the list, and so is
     * one of more than 178,956,970 pixels.
     */
    public Features encodeFiles(List<byte[]> files) {
        if (!signatures.containsKey(Signature.BYTES)) {
            throw new IllegalStateException("the model has no signature " + Signature.BYTES + "; it has "
                    + String.join(", ", new TreeSet<>(signatures.keySet())));
        }
        if (files.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one image file, was none");
        }
        try {
            return runFiles(files);
        } catch (TFInvalidArgumentException e) {
            throw new IllegalArgumentException("an image file cannot be decoded: " + rule(files, e), e);
        }
    }

    private Features runFiles(List<byte[]> files) {
        try (TString bytes = TString.tensorOfBytes(NdArrays.vectorOfObjects(files.toArray(byte[][]::new)))) {
            return run(Signature.BYTES, IMAGE_BYTES, bytes);
        }
    }

    /** The rule that a file breaks, as the model's own check has it; else the first file that fails alone is named. */
    private String rule(List<byte[]> files, TFInvalidArgumentException failure) {
        String line = SafeText.firstLine(failure);
        Matcher check = CHECK.matcher(line);
        if (check.find()) {
            return check.group(1) + Objects.requireNonNullElse(check.group(2), "");
        }
        for (int i = 0; i < files.size(); i++) {
            try {
                runFiles(List.of(files.get(i)));
            } catch (TFInvalidArgumentException e) {
                return IMAGE_BYTES + "[" + i + "] is no sound JPEG, PNG or GIF file";
            }
        }
        return line;
    }

    private Features run(String name, String input, TType value) {
        SignatureDef signature = Objects.requireNonNull(signatures.get(name));
        var runner = session.runner().feed(signature.getInputsOrThrow(input).getName(), value);
        OUTPUTS.forEach(
                output -> runner.fetch(signature.getOutputsOrThrow(output).getName()));
        try (Result result = runner.run()) {
            return new Features(copy(result, 0), copy(result, 1), copy(result, 2));
        }
    }

    @Override
    public void close() {
        closing.run();
    }

    private void checkMultiple(long side) {
        OptionalInt patchSize = patchSize();
        if (patchSize.isPresent() && side % patchSize.getAsInt() != 0) {
            throw new IllegalArgumentException("the sides of an image must be multiples of the model's patch size "
                    + patchSize.getAsInt() + ", one was " + side);
        }
    }

    private static FloatNdArray copy(Result result, int output) {
        TFloat32 tensor = (TFloat32) result.get(output);
        float[] values = new float[Math.toIntExact(tensor.shape().size())];
        tensor.asRawTensor().data().asFloats().read(values);
        return NdArrays.wrap(tensor.shape(), DataBuffers.of(values, false, false));
    }
}
