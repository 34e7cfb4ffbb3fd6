package org.capi.eval.report;

import java.util.List;

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
            Svg.grid(svg, LEFT, WIDTH - RIGHT, y);
            Svg.text(svg, LEFT - 6, y + 4, "end", up.label(value));
        }
        for (double step : across.values()) {
            Svg.text(svg, x(across, step), HEIGHT - BOTTOM + 16, "middle", across.label(step));
        }
        Svg.text(svg, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, "middle", "step");
        svg.append("<polyline class=\"curve\" points=\"");
        for (int i = 0; i < steps.length; i++) {
            svg.append(Html.number(x(across, steps[i]))).append(',');
            svg.append(Html.number(y(up, values[i]))).append(' ');
        }
        return svg.append("\"/></svg>").toString();
    }

    private static double x(Ticks ticks, double step) {
        return LEFT + ticks.share(step) * (WIDTH - LEFT - RIGHT);
    }

    private static double y(Ticks ticks, double value) {
        return HEIGHT - BOTTOM - ticks.share(value) * (HEIGHT - TOP - BOTTOM);
    }
}
