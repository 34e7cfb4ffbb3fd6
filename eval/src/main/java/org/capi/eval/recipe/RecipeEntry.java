package org.capi.eval.recipe;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.IOException;
import java.util.List;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.report.Section;
import org.jspecify.annotations.Nullable;

/**
 * One evaluation of a recipe. A new kind is a record that is permitted here and named among the sub-types; its components
 * are its keys in the YAML.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "probe")
@JsonSubTypes({
    @JsonSubTypes.Type(value = KnnEntry.class, name = "knn"),
    @JsonSubTypes.Type(value = ProbeEntry.class, name = "probe"),
    @JsonSubTypes.Type(value = SegmentEntry.class, name = "segment"),
    @JsonSubTypes.Type(value = PcaEntry.class, name = "pca"),
    @JsonSubTypes.Type(value = DictionaryEntry.class, name = "dictionary")
})
public sealed interface RecipeEntry permits KnnEntry, ProbeEntry, SegmentEntry, PcaEntry, DictionaryEntry {

    /** What reports call it. */
    String title();

    /** Opens what the entry names, and refuses what cannot be evaluated, before anything is computed. */
    void check();

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
