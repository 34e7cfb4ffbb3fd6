package org.capi.eval.probe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.capi.data.files.StrictJson;

/**
 * The results of the probes of a grid.
 *
 * @param classes how many there are to choose from
 * @param train images that the probes were trained on
 * @param validation images that were held out, by which one of each grid was chosen
 * @param chosenBy {@code accuracy}, or {@code loss} where few images were held out
 * @param probes the chosen one of each representation
 * @param grid every one
 */
public record ProbeResult(
        int classes, int train, int validation, String chosenBy, int steps, List<Chosen> probes, List<Tried> grid) {

    static final String BY_ACCURACY = "accuracy";
    static final String BY_LOSS = "loss";

    /** A probe whose loss is not below this share of that of guessing has learnt nothing. */
    private static final double LEARNT = 0.99;

    public ProbeResult {
        probes = List.copyOf(probes);
        grid = List.copyOf(grid);
    }

    /**
     * The best probe of a representation.
     *
     * @param head {@code linear} or {@code attentive}
     * @param validation its top-1 on the held-out images
     * @param validationError the standard error of that
     * @param validationLoss its mean cross-entropy there, in nats
     */
    public record Chosen(
            String representation,
            String head,
            double learningRate,
            double weightDecay,
            double validation,
            double validationError,
            double validationLoss,
            List<Score> tests) {

        public Chosen {
            tests = List.copyOf(tests);
        }
    }

    public record Score(String test, long images, double top1, double top5) {}

    public record Tried(
            String representation, double learningRate, double weightDecay, double validation, double validationLoss) {}

    /** The cross-entropy of guessing, in nats. */
    public double lossOfGuessing() {
        return Math.log(classes);
    }

    /** What a reader of these numbers must know. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (chosenBy.equals(BY_LOSS)) {
            double error =
                    probes.stream().mapToDouble(Chosen::validationError).max().orElse(0);
            warnings.add(String.format(
                    Locale.ROOT,
                    "only %d images were held out to choose by, so the loss chose, not the accuracy, whose standard"
                            + " error there is up to %.1f points",
                    validation,
                    100 * error));
        }
        for (Chosen probe : probes) {
            if (probe.validationLoss >= LEARNT * lossOfGuessing()) {
                warnings.add(String.format(
                        Locale.ROOT,
                        "the %s probe of %s has learnt nothing that holds on other images: its held-out loss is %.2f,"
                                + " that of guessing %.2f; give it more steps (%d now)",
                        probe.head,
                        probe.representation,
                        probe.validationLoss,
                        lossOfGuessing(),
                        steps));
            }
        }
        double largest = grid.stream().mapToDouble(Tried::learningRate).max().orElse(0);
        boolean several = grid.stream().anyMatch(one -> one.learningRate < largest);
        String atEdge = probes.stream()
                .filter(probe -> several && probe.learningRate == largest)
                .map(Chosen::representation)
                .collect(Collectors.joining(", "));
        if (!atEdge.isEmpty()) {
            warnings.add("the largest learning rate was chosen for " + atEdge + ": more steps (" + steps
                    + " now) or larger learning_rates may do better");
        }
        return warnings;
    }

    /** Writes {@code probe.json} into a folder, which is made if need be. */
    public void write(Path folder) throws IOException {
        StrictJson.write(folder.resolve("probe.json"), this);
    }
}
