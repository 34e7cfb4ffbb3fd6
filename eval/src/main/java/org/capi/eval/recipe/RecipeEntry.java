package org.capi.eval.recipe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.report.Section;
import org.jspecify.annotations.Nullable;

/**
 * One evaluation with its settings: an entry of a recipe, or what a command of {@code eval} runs. A new kind is a
 * record that is permitted here; its components are its keys, and its constructor fills in the defaults.
 */
public sealed interface RecipeEntry permits RecipeEntry.OfSets, FigureEntry {

    List<Class<? extends RecipeEntry>> KINDS = List.of(
            KnnEntry.class,
            ProbeEntry.class,
            SegmentEntry.class,
            FigureEntry.PcaEntry.class,
            FigureEntry.DictionaryEntry.class);

    /** Images that are encoded at once by default. */
    int BATCH_SIZE = 32;

    /** The value of the key {@code probe} for a kind. */
    static String probe(Class<? extends RecipeEntry> kind) {
        return kind.getSimpleName().replace("Entry", "").toLowerCase(Locale.ROOT);
    }

    /** The value of the key {@code probe} for this kind. */
    default String probe() {
        return probe(getClass());
    }

    /** Refuses a key that was not given. */
    static void required(String key, @Nullable Object value) {
        if (value == null || value.equals("")) {
            throw new IllegalArgumentException("missing key " + key);
        }
    }

    /** What was given, else the default. */
    static <T> T or(@Nullable T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    /**
     * The side of the images: as given, else as the model was trained, else 224; a multiple of the model's patch size.
     */
    static int side(LoadedModel model, @Nullable Integer given) {
        int side = given == null ? model.encoder().imageSize().orElse(224) : given;
        int patch = model.encoder().patchSize().orElse(1);
        if (side < 1 || side % patch != 0) {
            throw new IllegalArgumentException(
                    "image_size must be a multiple of the model's patch size " + patch + ", was " + side);
        }
        return side;
    }

    String title();

    /** Opens what the entry names, and refuses what cannot be evaluated, before anything is computed. */
    void check() throws IOException;

    /** The outputs of a model that it needs. */
    List<Representation> features();

    /** The side of the square that a model sees; null for that of the model's training, else 224. */
    @Nullable
    Integer imageSize();

    default int side(LoadedModel model) {
        return side(model, imageSize());
    }

    Result run(LoadedModel model, Context context) throws IOException;

    /** An evaluation that learns from one set of images and is tested on another. */
    sealed interface OfSets extends RecipeEntry permits KnnEntry, ProbeEntry, SegmentEntry {

        String train();

        String test();

        /** Refuses settings and images that cannot be evaluated, before anything is computed. */
        void check(ImageDataset trainSet, ImageDataset testSet) throws IOException;

        Result run(LoadedModel model, ImageDataset trainSet, ImageDataset testSet, Context context) throws IOException;

        @Override
        default void check() throws IOException {
            try (ImageDataset trainSet = ImageDataset.open(train());
                    ImageDataset testSet = ImageDataset.open(test())) {
                check(trainSet, testSet);
            }
        }

        @Override
        default Result run(LoadedModel model, Context context) throws IOException {
            try (ImageDataset trainSet = ImageDataset.open(train());
                    ImageDataset testSet = ImageDataset.open(test())) {
                return run(model, trainSet, testSet, context);
            }
        }
    }

    /**
     * Where and how an entry runs.
     *
     * @param folder for the files of this entry and this model
     */
    record Context(FeatureCache cache, Path folder, int threads, JobProgress progress) {}

    /**
     * The outcome of an evaluation.
     *
     * @param measures in an order that is the same for every model
     * @param sections more to look at
     * @param warnings what a reader of the measures must know
     */
    record Result(List<Measure> measures, List<Section> sections, List<String> warnings) {

        public Result {
            measures = List.copyOf(measures);
            sections = List.copyOf(sections);
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * A fraction that was measured.
     *
     * @param paper the paper's number for the same data and representation, or null
     * @param chance what guessing gives, or null
     * @param pixels what the images' own pixels give, or null
     * @param untrained what the same architecture with fresh weights gives, or null
     */
    record Measure(
            String name,
            double value,
            @Nullable Double paper,
            @Nullable Double chance,
            @Nullable Double pixels,
            @Nullable Double untrained) {

        /** With nothing to compare it with but the paper. */
        public Measure(String name, double value, @Nullable Double paper) {
            this(name, value, paper, null, null, null);
        }
    }
}
