package org.capi.train.evals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

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
}
