package org.capi.eval.report;

import java.util.List;
import java.util.Locale;

/** One series as an SVG drawing with its axes. */
final class LineChart {

    private static final double WIDTH = 420;
    private static final double HEIGHT = 220;
    private static final double LEFT = 48;
    private static final double RIGHT = 22;
    private static final double TOP = 10;
    private static final double BOTTOM = 40;
    private static final int TICKS = 5;

    private LineChart() {}

    static String svg(Curves.Series series) {
        List<Curves.Point> points = series.thinned();
        double[] steps = points.stream().mapToDouble(Curves.Point::step).toArray();
        double[] values = points.stream().mapToDouble(Curves.Point::value).toArray();
        Ticks across = Ticks.spanning(steps, TICKS);
        Ticks up = Ticks.spanning(values, TICKS);
        var svg = new StringBuilder();
        svg.append("<svg viewBox=\"0 0 420 220\" role=\"img\" aria-label=\"");
        svg.append(Html.escape(series.name())).append(" over steps\">");
        for (double value : up.values()) {
            double y = y(up, value);
            svg.append("<line class=\"grid\" x1=\"")
                    .append(LEFT)
                    .append("\" x2=\"")
                    .append(WIDTH - RIGHT);
            svg.append("\" y1=\"")
                    .append(number(y))
                    .append("\" y2=\"")
                    .append(number(y))
                    .append("\"/>");
            text(svg, LEFT - 6, y + 4, "end", up.label(value));
        }
        for (double step : across.values()) {
            text(svg, x(across, step), HEIGHT - BOTTOM + 16, "middle", across.label(step));
        }
        text(svg, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, "middle", "step");
        svg.append("<polyline class=\"curve\" points=\"");
        for (int i = 0; i < steps.length; i++) {
            svg.append(number(x(across, steps[i]))).append(',');
            svg.append(number(y(up, values[i]))).append(' ');
        }
        return svg.append("\"/></svg>").toString();
    }

    private static double x(Ticks ticks, double step) {
        return LEFT + ticks.share(step) * (WIDTH - LEFT - RIGHT);
    }

    private static double y(Ticks ticks, double value) {
        return HEIGHT - BOTTOM - ticks.share(value) * (HEIGHT - TOP - BOTTOM);
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append("<text x=\"").append(number(x)).append("\" y=\"").append(number(y));
        svg.append("\" text-anchor=\"")
                .append(anchor)
                .append("\">")
                .append(text)
                .append("</text>");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
