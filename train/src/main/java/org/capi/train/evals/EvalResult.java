package org.capi.train.evals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.OptionalDouble;

/**
 * What an evaluation found.
 *
 * @param line for {@code evals.jsonl}
 * @param folder where its files are
 */
public record EvalResult(ObjectNode line, Path folder) {

    public long step() {
        return line.path("step").asLong();
    }

    /** {@code teacher knn}. */
    public String name() {
        return line.path("weights").asText() + " " + line.path("probe").asText();
    }

    /** The same as part of a name, with the place in the list of evaluations if it is not the first: {@code teacher-knn-2}. */
    public String label() {
        return line.path("folder").asText().replaceFirst("step-\\d+-", "");
    }

    /** The fraction of test images whose class was named, if that was asked. */
    public OptionalDouble top1() {
        JsonNode top1 = line.path("result").path("top1");
        return top1.isNumber() ? OptionalDouble.of(top1.doubleValue()) : OptionalDouble.empty();
    }

    /** Where the picture is, if one was drawn. */
    public Path picture() {
        return folder.resolve("pca.png");
    }
}
