package org.capi.eval.probe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Tally;

/** How every probe does on some images, and how the chosen ones confuse their classes. */
final class ProbeScores {

    private final int classes;
    private final Map<Representation, Integer> chosen;
    private final Map<Representation, List<Accuracy>> accuracies = new LinkedHashMap<>();
    private final Map<Representation, Tally> confusions = new LinkedHashMap<>();

    private ProbeScores(ProbeSettings settings, List<String> classes, Map<Representation, Integer> chosen) {
        this.classes = classes.size();
        this.chosen = chosen;
        for (Representation representation : settings.representations()) {
            List<Accuracy> heads = new ArrayList<>();
            settings.grid().points().forEach(point -> heads.add(new Accuracy()));
            accuracies.put(representation, heads);
        }
        chosen.keySet().forEach(representation -> confusions.put(representation, new Tally(classes)));
    }

    /** No images yet, none chosen. */
    static ProbeScores ofAll(ProbeSettings settings, List<String> classes) {
        return new ProbeScores(settings, classes, Map.of());
    }

    /** No images yet. */
    static ProbeScores of(ProbeSettings settings, List<String> classes, Map<Representation, Integer> chosen) {
        return new ProbeScores(settings, classes, chosen);
    }

    /** Takes what each head named for an image, {@code [heads][batch][k]}. */
    void add(Representation representation, int[][][] named, int image, List<Integer> right) {
        List<Accuracy> heads = accuracies.getOrDefault(representation, List.of());
        for (int head = 0; head < heads.size(); head++) {
            heads.get(head).add(named[head][image], right);
        }
        Integer head = chosen.get(representation);
        Tally confusion = confusions.get(representation);
        if (head != null && confusion != null) {
            confusion.add(right.get(0), named[head][image][0]);
        }
    }

    int classes() {
        return classes;
    }

    Accuracy of(Representation representation, int head) {
        return accuracies.getOrDefault(representation, List.of()).get(head);
    }

    /** How the chosen head of a representation confused the classes. */
    Tally confusion(Representation representation) {
        Tally confusion = confusions.get(representation);
        if (confusion == null) {
            throw new IllegalStateException("no probe was chosen for " + representation);
        }
        return confusion;
    }

    /** The first of the best heads of each representation. */
    Map<Representation, Integer> best() {
        Map<Representation, Integer> best = new LinkedHashMap<>();
        accuracies.forEach((representation, heads) -> {
            int first = 0;
            for (int head = 1; head < heads.size(); head++) {
                first = heads.get(head).top1() > heads.get(first).top1() ? head : first;
            }
            best.put(representation, first);
        });
        return best;
    }
}
