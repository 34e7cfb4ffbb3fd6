package org.capi.eval.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Values over the steps of a run, one small chart for each series.
 *
 * @param note a sentence above the charts, or an empty text
 */
public record Curves(String heading, String note, List<Series> series) implements Section {

    public Curves {
        series = List.copyOf(series);
    }

    /** A value over time, such as a loss. */
    public record Series(String name, List<Point> points) {

        private static final int MOST_POINTS = 300;

        public Series {
            points = points.stream().filter(p -> Double.isFinite(p.value)).toList();
        }

        /** At most a few hundred points, each the mean of its neighbours. */
        List<Point> thinned() {
            int each = (points.size() + MOST_POINTS - 1) / MOST_POINTS;
            if (each <= 1) {
                return points;
            }
            List<Point> means = new ArrayList<>();
            for (int from = 0; from < points.size(); from += each) {
                List<Point> part = points.subList(from, Math.min(points.size(), from + each));
                double mean = part.stream().mapToDouble(Point::value).average().orElseThrow();
                means.add(new Point(part.get(part.size() / 2).step, mean));
            }
            return means;
        }
    }

    /** A value at a step. */
    public record Point(long step, double value) {}

    @Override
    public void appendTo(StringBuilder page) {
        Html.note(page, note);
        page.append("<div class=\"charts\">\n");
        for (Series one : series) {
            page.append("<figure><figcaption>").append(Html.escape(one.name)).append("</figcaption>");
            page.append(one.points.isEmpty() ? "<p class=\"note\">no values</p>" : LineChart.svg(one));
            page.append("</figure>\n");
        }
        page.append("</div>\n");
    }
}
