package org.capi.train.ablate;

import java.util.List;
import java.util.Map;

/**
 * A variant and its trainings.
 *
 * @param paper the paper's numbers in per cent
 */
record Row(String name, Map<String, Double> paper, List<Trial> trials) {

    Row {
        trials = List.copyOf(trials);
    }
}
