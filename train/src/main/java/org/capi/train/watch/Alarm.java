package org.capi.train.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.capi.train.config.PretrainConfig;
import org.capi.train.config.Sinkhorn;

/**
 * A measure by which a run looks as if it collapsed.
 *
 * @param measure as metrics.jsonl calls it
 */
public record Alarm(String measure, double value) {

    static final String PROTOTYPE_USE = "prototype_use";
    static final String POSITIONAL_COLLAPSE = "positional_collapse";
    /** Demo runs that went well ended at 87 to 97 %, those with a learning rate ten times too high at 33 to 66 %. */
    private static final double USUAL_USE = 0.7;

    private static final double LEAST_USE = 0.05;
    private static final double MOST_POSITIONAL = 0.2;

    /** The alarms that a step's measures raise; those that are not measured raise none. */
    public static List<Alarm> of(Map<String, Double> numbers) {
        List<Alarm> alarms = new ArrayList<>();
        double use = numbers.getOrDefault(PROTOTYPE_USE, Double.NaN);
        if (use < USUAL_USE) {
            alarms.add(new Alarm(PROTOTYPE_USE, use));
        }
        double positional = numbers.getOrDefault(POSITIONAL_COLLAPSE, Double.NaN);
        if (positional > MOST_POSITIONAL) {
            alarms.add(new Alarm(POSITIONAL_COLLAPSE, positional));
        }
        return alarms;
    }

    /** What it means, and what helps under this configuration. */
    public String advice(PretrainConfig config) {
        boolean use = measure.equals(PROTOTYPE_USE);
        String what = String.format(
                Locale.ROOT,
                use ? use() : positional(),
                100 * value,
                config.capi().prototypes());
        String sinkhorn = config.capi().sinkhorn() == Sinkhorn.STANDARD ? "capi.sinkhorn=positionwise, " : "";
        String rate = "a lower optim.learning_rate"
                + (config.capi().objective().clusters() ? " and optim.clustering_learning_rate" : "");
        return what + "; what helps: " + sinkhorn + rate + (use ? ", fewer capi.prototypes" : "");
    }

    private String use() {
        return value < LEAST_USE
                ? "prototype_use is %.1f %%, below 5 %%: the assignments have collapsed to few of the %d prototypes"
                : "prototype_use is %.1f %%, below 70 %%: fewer of the %d prototypes are in use than in a run that goes well";
    }

    private static String positional() {
        return "positional_collapse is %.1f %%, above 20 %%: assignments follow positions, not contents (%d prototypes)";
    }
}
