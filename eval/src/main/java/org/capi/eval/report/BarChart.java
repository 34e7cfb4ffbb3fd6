package org.capi.eval.report;

import java.util.List;

/** A histogram as an SVG drawing with its axes. */
final class BarChart {

    private static final double WIDTH = 420;
    private static final double HEIGHT = 180;
    private static final double LEFT = 56;
    private static final double RIGHT = 16;
    private static final double TOP = 10;
    private static final double BOTTOM = 40;
    private static final double WIDEST_BAR = 60;
    private static final double LETTER = 7;
    private static final int TICKS = 4;

    private BarChart() {}

    static String svg(Histograms.Histogram histogram) {
        List<Long> counts = histogram.counts();
        double[] values = new double[counts.size() + 1]; // with the 0 that every bar begins at
        for (int i = 0; i < counts.size(); i++) {
            values[i] = counts.get(i);
        }
        Ticks up = Ticks.spanning(values, TICKS);
        var svg = new StringBuilder();
        svg.append("<svg viewBox=\"0 0 420 180\" role=\"img\" aria-label=\"");
        svg.append(Html.escape(histogram.name())).append("\">");
        for (double value : up.values()) {
            if (value == Math.rint(value)) {
                double y = y(up, value);
                Svg.grid(svg, LEFT, WIDTH - RIGHT, y);
                Svg.text(svg, LEFT - 6, y + 4, "end", Html.count((long) value));
            }
        }
        double pitch = pitch(histogram);
        double start = (LEFT + WIDTH - RIGHT - pitch * counts.size()) / 2;
        for (int i = 0; i < counts.size(); i++) {
            bar(svg, start + i * pitch, pitch, y(up, counts.get(i)), Html.count(counts.get(i)));
        }
        labels(svg, histogram.labels(), histogram.labelsEdges() ? start : start + pitch / 2, pitch);
        Svg.text(svg, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, "middle", histogram.across());
        return svg.append("</svg>").toString();
    }

    /** Leaves out a label that would run into the one before it. */
    private static void labels(StringBuilder svg, List<String> labels, double first, double pitch) {
        double free = 0;
        for (int i = 0; i < labels.size(); i++) {
            double x = first + i * pitch;
            double half = labels.get(i).length() * LETTER / 2;
            if (x - half >= free) {
                Svg.text(svg, x, HEIGHT - BOTTOM + 16, "middle", labels.get(i));
                free = labels.get(i).isEmpty() ? free : x + half + LETTER;
            }
        }
    }

    /** The width of a bar with its gap. */
    private static double pitch(Histograms.Histogram histogram) {
        double room = (WIDTH - LEFT - RIGHT) / histogram.counts().size();
        return histogram.labelsEdges() ? room : Math.min(room, WIDEST_BAR);
    }

    private static void bar(StringBuilder svg, double left, double pitch, double top, String count) {
        double gap = Math.min(2, pitch / 5);
        svg.append("<rect class=\"count\" x=\"")
                .append(Html.number(left + gap / 2))
                .append("\" y=\"");
        svg.append(Html.number(top))
                .append("\" width=\"")
                .append(Html.number(pitch - gap))
                .append("\" height=\"");
        svg.append(Html.number(HEIGHT - BOTTOM - top))
                .append("\"><title>")
                .append(count)
                .append("</title></rect>");
    }

    private static double y(Ticks ticks, double value) {
        return HEIGHT - BOTTOM - ticks.share(value) * (HEIGHT - TOP - BOTTOM);
    }
}
