package org.capi.eval.probe;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.capi.eval.features.Confusion;
import org.capi.eval.features.Representation;

/** The accuracies of every probe on some images, and how the chosen ones confuse their classes. */
final class ProbeScores {

    private final Map<Representation, Integer> chosen;
    private final Map<Representation, List<Accuracy>> accuracies = new LinkedHashMap<>();
    private final Map<Representation, Confusion> confusions = new LinkedHashMap<>();

    /**
     * No images yet.
     *
     * @param chosen the head of each representation whose confusions are counted; none while one is to be chosen
     */
    ProbeScores(ProbeSettings settings, List<String> classes, Map<Representation, Integer> chosen) {
        this.chosen = chosen;
        int heads = settings.grid().points().size();
        for (Representation representation : settings.representations()) {
            accuracies.put(
                    representation, Stream.generate(Accuracy::new).limit(heads).toList());
        }
        chosen.keySet().forEach(representation -> confusions.put(representation, new Confusion(classes)));
    }

    /** How often one of the classes with the largest logits is among the right ones. */
    static final class Accuracy {

        private long images;
        private long first;
        private long amongAll;
        private double losses;

        /** An image with at least one right class; {@code best} starts with the best. */
        void add(int[] best, List<Integer> right) {
            images++;
            first += right.contains(best[0]) ? 1 : 0;
            amongAll += Arrays.stream(best).anyMatch(right::contains) ? 1 : 0;
        }

        long images() {
            return images;
        }

        double top1() {
            return images == 0 ? 0 : (double) first / images;
        }

        double top5() {
            return images == 0 ? 0 : (double) amongAll / images;
        }

        /** The mean cross-entropy in nats; 0 where no losses were added. */
        double loss() {
            return images == 0 ? 0 : losses / images;
        }
    }

    /** Takes what each head predicted for an image, {@code [heads][batch][k]}. */
    void add(Representation representation, int[][][] predicted, int image, List<Integer> right) {
        List<Accuracy> heads = accuracies.getOrDefault(representation, List.of());
        for (int head = 0; head < heads.size(); head++) {
            heads.get(head).add(predicted[head][image], right);
        }
        Integer head = chosen.get(representation);
        Confusion confusion = confusions.get(representation);
        if (head != null && confusion != null) {
            confusion.add(right.get(0), predicted[head][image][0]);
        }
    }

    /** Takes the cross-entropy of each head for an image, {@code [heads][batch]}. */
    void addLosses(Representation representation, float[][] losses, int image) {
        List<Accuracy> heads = accuracies.getOrDefault(representation, List.of());
        for (int head = 0; head < heads.size(); head++) {
            heads.get(head).losses += losses[head][image];
        }
    }

    Accuracy of(Representation representation, int head) {
        return accuracies.getOrDefault(representation, List.of()).get(head);
    }

    /** How the chosen head of a representation confused the classes. */
    Confusion confusion(Representation representation) {
        return Objects.requireNonNull(confusions.get(representation), "no probe was chosen for " + representation);
    }

    /**
     * The first of the best heads of each representation.
     *
     * @param byLoss whether those of the smallest loss are the best, or of the largest accuracy
     */
    Map<Representation, Integer> best(boolean byLoss) {
        ToDoubleFunction<Accuracy> worth = byLoss ? accuracy -> -accuracy.loss() : Accuracy::top1;
        Map<Representation, Integer> best = new LinkedHashMap<>();
        accuracies.forEach((representation, heads) -> {
            int first = 0;
            for (int head = 1; head < heads.size(); head++) {
                first = worth.applyAsDouble(heads.get(head)) > worth.applyAsDouble(heads.get(first)) ? head : first;
            }
            best.put(representation, first);
        });
        return best;
    }
}
