package org.capi.savedmodels;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.VariableFile;
import org.capi.savedmodels.SavedModelWriter.Signature;
import org.jspecify.annotations.Nullable;
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
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * An encoder of images loaded from a SavedModel. It may be called from several threads at once; close it after their
 * last call. Its vectors have no fixed length: compare them by their cosine.
 *
 * <pre>{@code
 * try (VisionEncoder encoder = VisionEncoder.load(Path.of("models/photos"))) { // written by capi export
 *     Features features = encoder.encodeFiles(List.of(Files.readAllBytes(Path.of("photo.jpg"))));
 *     float[] vector = features.vector(0);
 * }
 * }</pre>
 *
 * <p>TensorFlow writes log lines to the standard error; the environment variable {@code TF_CPP_MIN_LOG_LEVEL=3} leaves
 * out most of them.
 */
public final class VisionEncoder implements AutoCloseable {

    /** The input: float32 {@code [batch, height, width, 3]} in [0, 1]. */
    public static final String IMAGES = "images";

    /** The output of one vector for an image. */
    public static final String GLOBAL = "global";

    /** The output of one vector for each register. */
    public static final String REGISTERS = "registers";

    /** The output of one vector for each patch, in the image's arrangement. */
    public static final String FEATURE_MAP = "feature_map";

    /** The input of files: JPEG, PNG or GIF (the first picture of it), {@code [batch]}. */
    public static final String IMAGE_BYTES = "image_bytes";

    private static final Pattern CHECK =
            Pattern.compile("assertion failed: \\[(" + IMAGE_BYTES + "\\[(\\d+)\\])(.*?)\\]( \\[[^]]*\\])?$");

    private static final String UNSOUND = " is no sound JPEG, PNG or GIF file";

    private static final long UNTRAINED_SEED = 0;

    static final List<String> OUTPUTS = List.of(GLOBAL, REGISTERS, FEATURE_MAP);

    private final Session session;
    private final Runnable closing;
    private final Map<String, SignatureDef> signatures;
    private final JsonNode description;
    private volatile boolean closed;

    private VisionEncoder(
            Session session, Runnable closing, Map<String, SignatureDef> signatures, JsonNode description) {
        this.session = session;
        this.closing = closing;
        this.signatures = signatures;
        this.description = description;
    }

    /**
     * Loads any SavedModel whose default signature has the outputs {@code global}, {@code registers} and {@code
     * feature_map}.
     *
     * <p>A SavedModel is a program that TensorFlow runs, and TensorFlow has operations that read and write files, open
     * connections and call other code. A model with an operation that does more than compute, in its graph or a
     * function, is refused by the operation's name before TensorFlow sees it; only its saver may read the variables.
     * That is no protection against faults of TensorFlow itself: load models of strangers in a process that may do
     * little.
     */
    public static VisionEncoder load(Path folder) {
        return load(folder, ConfigProto.getDefaultInstance());
    }

    /**
     * As {@link #load(Path)}, for a program that shares its machine.
     *
     * @param config how many threads TensorFlow may use, which GPUs it sees and how much of their memory it takes
     */
    public static VisionEncoder load(Path folder, ConfigProto config) {
        Map<String, SignatureDef> signatures = EncoderContract.check(folder);
        JsonNode description = ModelDescription.read(folder);
        try {
            SavedModelBundle bundle = SavedModelBundle.loader(folder.toString())
                    .withTags(SavedModelWriter.TAG)
                    .withConfigProto(config)
                    .load();
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
     * Refuses what {@link #encodeEach} could not use: a folder that {@link #load(Path)} refuses by what it holds, or a
     * model without a signature for encoded images. Needs neither the weights nor TensorFlow's library, so that a
     * program can check its model where it does not run it.
     */
    public static void check(Path folder) {
        requireBytes(EncoderContract.check(folder));
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

    /** What the model states about its architecture, as a JSON object; empty where that is nothing. */
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

    /**
     * Encodes images.
     *
     * @param images {@code [batch, height, width, 3]} in [0, 1], RGB; the sides are multiples of the patch size
     * @throws IllegalArgumentException if they are not
     */
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
     * Encodes the bytes of JPEG, PNG or GIF files of any size, all at once. Each image is turned as its EXIF or XMP data
     * say and resized to a shorter side of 8/7 of the side of the model's training images; the square in the middle is
     * encoded. A JPEG that is damaged in its middle may decode all the same.
     *
     * @throws IllegalArgumentException if one cannot be decoded or has more than 178,956,970 pixels; the message has its
     *     index in the list. {@link #encodeEach} encodes the others all the same.
     * @throws IllegalStateException if the model has no signature for files, or the encoder is closed
     */
    public Features encodeFiles(List<byte[]> files) {
        requireBytes(signatures);
        if (files.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one image file, was none");
        }
        for (int i = 0; i < files.size(); i++) {
            if (files.get(i) == null) {
                throw new IllegalArgumentException(IMAGE_BYTES + "[" + i + "] must be the bytes of a file, was null");
            }
        }
        try {
            return runFiles(files);
        } catch (TFInvalidArgumentException e) {
            throw new IllegalArgumentException("an image file cannot be decoded: " + rule(files, e), e);
        }
    }

    /**
     * Encodes the files of a list of any things, such as paths or rows, as {@link #encodeFiles} does, but a file that
     * cannot be read or decoded fails alone: the result has an element for each item, in their order. All sound files
     * are encoded at once where none is bad; a batch with bad ones is split until they are alone, and each sound file
     * is still encoded once.
     *
     * @param reader gives the bytes of an item; an {@link IOException} of it is the failure of that item alone
     */
    public <T> List<Encoded<T>> encodeEach(List<? extends T> items, Encoded.Reader<? super T> reader) {
        requireBytes(signatures);
        return encodeRead(Encoded.File.read(items, reader));
    }

    /**
     * Encodes what an iterator gives, batch after batch. Two threads work ahead of the caller: one reads files while the
     * other encodes, at most two batches ahead. So no more than three batches are in
     * memory, however long the iterator is. A bad file is an element as in {@link #encodeEach}; an exception of the iterator, or
     * one of the reader that is no {@link IOException}, is thrown to the caller after the results before it.
     *
     * <p>The stream is lazy, sequential and ordered. Close it, unless it is read to its end, before the encoder.
     *
     * @param reader gives the bytes of an item; called by one thread
     * @param batchSize how many files are encoded at once, at least 1
     */
    public <T> Stream<Encoded<T>> stream(Iterator<? extends T> items, Encoded.Reader<? super T> reader, int batchSize) {
        requireBytes(signatures);
        if (batchSize < 1) {
            throw new IllegalArgumentException("batchSize must be at least 1, was " + batchSize);
        }
        return new EncodingAhead<T>(this::encodeRead, items, reader, batchSize).stream();
    }

    private <T> List<Encoded<T>> encodeRead(List<Encoded.File<T>> files) {
        List<byte[]> readable =
                files.stream().map(Encoded.File::bytes).filter(Objects::nonNull).toList();
        List<Outcome> outcomes = new ArrayList<>();
        encodeApart(readable, outcomes);
        Iterator<Outcome> outcome = outcomes.iterator();
        List<Encoded<T>> encoded = new ArrayList<>();
        for (Encoded.File<T> file : files) {
            if (file.bytes() == null) {
                encoded.add(new Encoded<>(file.item(), null, file.failure()));
            } else {
                Outcome of = outcome.next();
                encoded.add(new Encoded<>(file.item(), of.features, of.failure));
            }
        }
        return encoded;
    }

    /** What became of the bytes of one file. */
    private record Outcome(
            @Nullable Features features, @Nullable String failure) {}

    /** Adds the outcome of each file. Decoding precedes encoding, so a run that fails has encoded nothing. */
    private void encodeApart(List<byte[]> files, List<Outcome> outcomes) {
        if (files.isEmpty()) {
            return;
        }
        Features features;
        try {
            features = runFiles(files);
        } catch (TFInvalidArgumentException e) {
            Matcher check = CHECK.matcher(SafeText.firstLine(e));
            if (files.size() == 1) {
                outcomes.add(new Outcome(null, check.find() ? sentence(check) : UNSOUND.strip()));
            } else if (check.find()) {
                int bad = Integer.parseInt(check.group(2));
                encodeApart(files.subList(0, bad), outcomes);
                outcomes.add(new Outcome(null, sentence(check)));
                encodeApart(files.subList(bad + 1, files.size()), outcomes);
            } else {
                int half = files.size() / 2;
                encodeApart(files.subList(0, half), outcomes);
                encodeApart(files.subList(half, files.size()), outcomes);
            }
            return;
        }
        for (int i = 0; i < files.size(); i++) {
            outcomes.add(new Outcome(features.image(i), null));
        }
    }

    /** The rule that a file breaks, without the file's name. */
    private static String sentence(Matcher check) {
        String rule = check.group(3) + Objects.requireNonNullElse(check.group(4), "");
        return rule.replaceFirst("^[: ]+", "");
    }

    private static void requireBytes(Map<String, SignatureDef> signatures) {
        if (!signatures.containsKey(Signature.BYTES)) {
            throw new IllegalStateException("the model has no signature " + Signature.BYTES + "; it has "
                    + String.join(", ", new TreeSet<>(signatures.keySet())));
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
            return check.group(1) + check.group(3) + Objects.requireNonNullElse(check.group(4), "");
        }
        for (int i = 0; i < files.size(); i++) {
            try {
                runFiles(List.of(files.get(i)));
            } catch (TFInvalidArgumentException e) {
                return IMAGE_BYTES + "[" + i + "]" + UNSOUND;
            }
        }
        return line;
    }

    private Features run(String name, String input, TType value) {
        if (closed) {
            throw new IllegalStateException("the encoder is closed");
        }
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
        closed = true;
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
