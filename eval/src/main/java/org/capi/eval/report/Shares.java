package org.capi.eval.report;

import java.util.List;
import java.util.Locale;

/**
 * Fractions to compare, each as a bar from 0 to 100 %, such as the accuracies of several models.
 *
 * @param note a sentence above the bars, or an empty text
 */
public record Shares(String heading, String note, List<Share> shares) implements Section {

    public Shares {
        shares = List.copyOf(shares);
    }

    /**
     * One bar.
     *
     * @param rank whether it is what the report is about, or stands there for comparison
     */
    public record Share(String name, double fraction, Rank rank) {

        public Share {
            if (!(fraction >= 0 && fraction <= 1)) {
                throw new IllegalArgumentException(
                        "the share '" + name + "' must lie between 0 and 1, was " + fraction);
            }
        }
    }

    /** How much a bar stands out. */
    public enum Rank {
        /** What the report is about. */
        SUBJECT,
        /** What it is compared with. */
        REFERENCE
    }

    @Override
    public void appendTo(StringBuilder page) {
        Html.note(page, note);
        page.append("<div class=\"shares\">\n");
        for (Share share : shares) {
            String percent = String.format(Locale.ROOT, "%.1f", 100 * share.fraction);
            page.append("<div class=\"share ").append(share.rank == Rank.SUBJECT ? "subject" : "reference");
            page.append("\"><span class=\"name\">").append(Html.escape(share.name));
            page.append("</span><span class=\"track\"><span class=\"bar\" style=\"width:")
                    .append(percent);
            page.append("%\"></span></span><span class=\"value\">")
                    .append(percent)
                    .append(" %</span></div>\n");
        }
        page.append("</div>\n");
    }
}
