package org.capi.train.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.capi.graph.clustering.SinkhornKnopp;
import org.capi.train.config.PretrainConfig;

/**
 * A measure that looks as if a run had collapsed.
 *
 * @param measure its name in {@code metrics.jsonl}
 */
public record Alarm(String measure, double value) {

    static final String PROTOTYPE_USE = "prototype_use";
    static final String POSITIONAL_COLLAPSE = "positional_collapse";
    /** Demo runs that went well ended at 87 to 97 %, those with a learning rate ten times too high at 33 to 66 %. */
    private static final double USUAL_USE = 0.7;

    private static final double MIN_USE = 0.05;
    private static final double MAX_POSITIONAL = 0.2;

    /** The alarms that the measures of a step raise; missing ones raise none. */
    public static List<Alarm> of(Map<String, Double> numbers) {
        List<Alarm> alarms = new ArrayList<>();
        double use = numbers.getOrDefault(PROTOTYPE_USE, Double.NaN);
        if (use < USUAL_USE) {
            alarms.add(new Alarm(PROTOTYPE_USE, use));
        }
        double positional = numbers.getOrDefault(POSITIONAL_COLLAPSE, Double.NaN);
        if (positional > MAX_POSITIONAL) {
            alarms.add(new Alarm(POSITIONAL_COLLAPSE, positional));
        }
        return alarms;
    }

    public String advice(PretrainConfig config) {
        boolean use = measure.equals(PROTOTYPE_USE);
        String meaning = !use
                ? "positional_collapse is %.1f %%, above 20 %%: the clusters follow the positions of patches instead of"
                        + " their content (%d prototypes)"
                : value < MIN_USE
                        ? "prototype_use is %.1f %%, below 5 %%: training has collapsed to a few of the %d prototypes"
                        : "prototype_use is %.1f %%, below 70 %%: fewer of the %d prototypes are used than in a"
                                + " healthy run";
        String what =
                String.format(Locale.ROOT, meaning, 100 * value, config.capi().prototypes());
        String sinkhorn =
                config.capi().sinkhorn() == SinkhornKnopp.Grouping.STANDARD ? "capi.sinkhorn=positionwise, " : "";
        String rate = "a lower optim.learning_rate"
                + (config.capi().objective().clusters() ? " and optim.clustering_learning_rate" : "");
        return what + "; try " + sinkhorn + rate + (use ? ", fewer capi.prototypes" : "");
    }
}
