package org.capi.eval.report;

import java.util.List;

/**
 * How often values occur, one small chart of bars for each quantity.
 *
 * @param note a sentence above the charts, or an empty text
 */
public record Histograms(String heading, String note, List<Histogram> histograms) implements Section {

    public Histograms {
        histograms = List.copyOf(histograms);
    }

    /**
     * One quantity.
     *
     * @param across what the bars stand side by side along, with its unit
     * @param counts the heights of the bars
     * @param labels one for each bar, below its middle, or one more than bars, below the edges between them; some may
     *     be empty
     */
    public record Histogram(String name, String across, List<Long> counts, List<String> labels) {

        public Histogram {
            counts = List.copyOf(counts);
            labels = List.copyOf(labels);
            int more = labels.size() - counts.size();
            if (counts.isEmpty() || more < 0 || more > 1) {
                throw new IllegalArgumentException("the histogram '" + name + "' has " + counts.size() + " bars and "
                        + labels.size() + " labels; it needs bars, and a label for each or for each edge");
            }
        }

        /** Whether the labels stand below the edges. */
        boolean labelsEdges() {
            return labels.size() > counts.size();
        }
    }

    @Override
    public void appendTo(StringBuilder page) {
        Html.note(page, note);
        page.append("<div class=\"histograms\">\n");
        for (Histogram one : histograms) {
            page.append("<figure><figcaption>").append(Html.escape(one.name)).append("</figcaption>");
            page.append(BarChart.svg(one)).append("</figure>\n");
        }
        page.append("</div>\n");
    }
}
