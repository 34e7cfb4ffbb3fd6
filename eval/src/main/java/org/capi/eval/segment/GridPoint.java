package org.capi.eval.segment;

import java.util.LinkedHashMap;
import java.util.Map;
import org.capi.eval.search.Metric;

/** Hyper-parameters of a probe. */
sealed interface GridPoint {

    /** Its values by the names of their keys. */
    Map<String, Object> parameters();

    /** How many neighbours vote, and what makes them near. */
    record Neighbours(int k, Metric metric) implements GridPoint {

        @Override
        public Map<String, Object> parameters() {
            Map<String, Object> parameters = new LinkedHashMap<>();
            parameters.put("k", k);
            parameters.put("metric", metric.toString());
            return parameters;
        }
    }

    /** The weight of the losses in logistic regression. */
    record Weight(double c) implements GridPoint {

        @Override
        public Map<String, Object> parameters() {
            return Map.of("c", c);
        }
    }
}
