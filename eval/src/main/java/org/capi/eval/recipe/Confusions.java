package org.capi.eval.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.capi.eval.features.Tally;
import org.capi.eval.report.ConfusionMatrix;
import org.capi.eval.report.Section;
import org.capi.eval.report.Shares;

/** How classes were confused, as sections of a report: a bar for each, and the matrix where it is small enough to be read. */
final class Confusions {

    private static final int MOST_CLASSES = 60;

    private Confusions() {}

    static List<Section> ofImages(String heading, Tally tally) {
        List<Shares.Share> bars = new ArrayList<>();
        for (int label = 0; label < tally.classes().size(); label++) {
            if (tally.count(label) > 0) {
                bars.add(bar(tally.classes().get(label), tally.accuracy(label)));
            }
        }
        String note = "The part of each class's images that was named rightly.";
        return sections(
                new Shares(heading + ", by class", note, bars),
                "A row for each true class, a column for each named one.",
                tally.classes(),
                tally.counts());
    }

    /** Of pixels there are so many that their matrix is in percent. */
    static List<Section> ofPixels(String heading, String remark, Map<String, Double> unions, Tally tally) {
        List<Shares.Share> bars = new ArrayList<>();
        unions.forEach((name, union) -> bars.add(bar(name, union)));
        List<List<Long>> percent = new ArrayList<>();
        for (int label = 0; label < tally.classes().size(); label++) {
            double all = Math.max(1, tally.count(label));
            percent.add(tally.counts().get(label).stream()
                    .map(count -> Math.round(100 * count / all))
                    .toList());
        }
        String note =
                "The pixels that have a class and were given it, among those that have it or were given it." + remark;
        return sections(
                new Shares(heading + ", intersection over union by class", note, bars),
                "A row for each true class, a column for each that its pixels were given, in percent of the row.",
                tally.classes(),
                percent);
    }

    private static Shares.Share bar(String name, double fraction) {
        return new Shares.Share(name, fraction, Shares.Rank.REFERENCE);
    }

    private static List<Section> sections(Shares bars, String note, List<String> classes, List<List<Long>> cells) {
        if (classes.size() > MOST_CLASSES) {
            return List.of(bars);
        }
        return List.of(bars, new ConfusionMatrix(bars.heading() + ": confusions", note, classes, cells));
    }
}
