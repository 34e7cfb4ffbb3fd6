package org.capi.eval.recipe;

import java.util.ArrayList;
import java.util.List;
import org.capi.eval.features.Tally;
import org.capi.eval.report.ConfusionMatrix;
import org.capi.eval.report.Section;
import org.capi.eval.report.Shares;

/** How classes were confused, as sections of a report. */
final class Confusions {

    private static final int MOST_CLASSES = 60;

    private Confusions() {}

    /** A bar for each class, and the matrix where it is small enough to be read. */
    static List<Section> sections(String heading, Tally tally) {
        List<Shares.Share> bars = new ArrayList<>();
        for (int label = 0; label < tally.classes().size(); label++) {
            if (tally.images(label) > 0) {
                String name = tally.classes().get(label);
                bars.add(new Shares.Share(name, tally.accuracy(label), Shares.Rank.REFERENCE));
            }
        }
        List<Section> sections = new ArrayList<>();
        sections.add(
                new Shares(heading + ", by class", "The part of each class's images that was named rightly.", bars));
        if (tally.classes().size() <= MOST_CLASSES) {
            sections.add(new ConfusionMatrix(
                    heading + ", confusions",
                    "A row for each true class, a column for each named one.",
                    tally.classes(),
                    tally.counts()));
        }
        return sections;
    }
}
