package org.capi.eval.recipe;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.report.Section;
import org.jspecify.annotations.Nullable;

/** One evaluation of a recipe. A new kind is a record that is permitted here; its components are its keys in the YAML. */
public sealed interface RecipeEntry permits KnnEntry, ProbeEntry, SegmentEntry, PcaEntry, DictionaryEntry {

    /** All kinds. */
    List<Class<? extends RecipeEntry>> KINDS =
            List.of(KnnEntry.class, ProbeEntry.class, SegmentEntry.class, PcaEntry.class, DictionaryEntry.class);

    /** What the key {@code probe} says of a kind. */
    static String probe(Class<? extends RecipeEntry> kind) {
        return kind.getSimpleName().replace("Entry", "").toLowerCase(Locale.ROOT);
    }

    /** What the key {@code probe} says of this kind. */
    default String probe() {
        return probe(getClass());
    }

    /** Refuses a key that was not given. */
    static <T> T required(String key, @Nullable T value) {
        if (value == null || value.equals("")) {
            throw new IllegalArgumentException("missing key " + key);
        }
        return value;
    }

    /** What was given, else the default. */
    static <T> T or(@Nullable T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    /** What reports call it. */
    String title();

    /** Opens what the entry names, and refuses what cannot be evaluated, before anything is computed. */
    void check() throws IOException;

    /** What it needs of a model. */
    List<Representation> features();

    /** The side of the square that a model sees; null for that of the model's training, else 224. */
    @Nullable
    Integer imageSize();

    /** Evaluates one model. */
    Result run(LoadedModel model, RecipeContext context) throws IOException;

    /**
     * What an evaluation came to.
     *
     * @param measures in an order that is the same for every model
     * @param sections more to look at
     */
    record Result(List<Measure> measures, List<Section> sections) {

        public Result {
            measures = List.copyOf(measures);
            sections = List.copyOf(sections);
        }
    }

    /**
     * A fraction that was measured.
     *
     * @param paper the paper's own, for the same data and representation, or null
     */
    record Measure(String name, double value, @Nullable Double paper) {}
}
