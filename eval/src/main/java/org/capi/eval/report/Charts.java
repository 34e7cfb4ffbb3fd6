package org.capi.eval.report;

import static org.capi.eval.report.Html.count;
import static org.capi.eval.report.Html.each;
import static org.capi.eval.report.Html.escape;
import static org.capi.eval.report.Html.number;
import static org.capi.eval.report.Html.sentence;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Curves and histograms as SVG drawings with their axes. */
public final class Charts {

    private static final int WIDTH = 420;
    private static final double TOP = 10;
    private static final double BOTTOM = 40;

    private Charts() {}

    /**
     * Values over the steps of a run, one small chart for each series.
     *
     * @param note a sentence above the charts, or an empty text
     */
    public record Curves(String heading, String note, List<Series> series) implements Section {

        private static final int TICKS = 5;

        public Curves {
            series = List.copyOf(series);
        }

        /** A value over time, such as a loss; values that are not finite are left out. */
        public record Series(String name, List<Point> points) {

            private static final int MAX_POINTS = 300;

            public Series {
                points = points.stream().filter(p -> Double.isFinite(p.value)).toList();
            }

            /** At most a few hundred points, each the mean of its neighbours. */
            List<Point> thinned() {
                int each = (points.size() + MAX_POINTS - 1) / MAX_POINTS;
                if (each <= 1) {
                    return points;
                }
                List<Point> means = new ArrayList<>();
                for (int from = 0; from < points.size(); from += each) {
                    List<Point> part = points.subList(from, Math.min(points.size(), from + each));
                    double mean =
                            part.stream().mapToDouble(Point::value).average().orElseThrow();
                    means.add(new Point(part.get(part.size() / 2).step, mean));
                }
                return means;
            }
        }

        public record Point(long step, double value) {}

        @Override
        public String html() {
            return sentence(note) + "<div class=\"charts\">\n"
                    + each(
                            series,
                            one -> figure(
                                    one.name, one.points.isEmpty() ? "<p class=\"note\">no values</p>" : svg(one)))
                    + "</div>\n";
        }

        static String svg(Series series) {
            List<Point> points = series.thinned();
            double[] values = points.stream().mapToDouble(Point::value).toArray();
            Ticks across =
                    Ticks.spanning(points.stream().mapToDouble(Point::step).toArray(), TICKS);
            var frame = new Frame(220, 48, WIDTH - 22, Ticks.spanning(values, TICKS));
            return frame.open(series.name + " over steps")
                    + each(frame.up.values(), value -> frame.level(value, frame.up.label(value)))
                    + each(across.values(), step -> frame.below(frame.x(across, step), across.label(step)))
                    + frame.title("step")
                    + "<polyline class=\"curve\" points=\""
                    + each(points, p -> number(frame.x(across, (double) p.step)) + ',' + number(frame.y(p.value)) + ' ')
                    + "\"/></svg>";
        }
    }

    /**
     * How often values occur, one small chart of bars for each quantity.
     *
     * @param note a sentence above the charts, or an empty text
     */
    public record Histograms(String heading, String note, List<Histogram> histograms) implements Section {

        private static final double WIDEST_BAR = 60;
        private static final double LETTER = 7;
        private static final int TICKS = 4;

        public Histograms {
            histograms = List.copyOf(histograms);
        }

        /**
         * One quantity.
         *
         * @param across the quantity along the horizontal axis, with its unit
         * @param counts the heights of the bars
         * @param labels one for each bar, below its middle, or one more than bars, below the edges between them; some
         *     may be empty
         */
        public record Histogram(String name, String across, List<Long> counts, List<String> labels) {

            public Histogram {
                counts = List.copyOf(counts);
                labels = List.copyOf(labels);
                int more = labels.size() - counts.size();
                if (counts.isEmpty() || more < 0 || more > 1) {
                    throw new IllegalArgumentException("the histogram '" + name + "' has " + counts.size()
                            + " bars and " + labels.size() + " labels; it needs bars, and a label for each or for each"
                            + " edge");
                }
            }
        }

        @Override
        public String html() {
            return sentence(note) + "<div class=\"histograms\">\n" + each(histograms, one -> figure(one.name, svg(one)))
                    + "</div>\n";
        }

        private static String svg(Histogram histogram) {
            List<Long> counts = histogram.counts;
            boolean labelsEdges = histogram.labels.size() > counts.size();
            double[] values = LongStream.concat( // with the 0 that every bar starts at
                            LongStream.of(0), counts.stream().mapToLong(Long::longValue))
                    .asDoubleStream()
                    .toArray();
            var frame = new Frame(180, 56, WIDTH - 16, Ticks.spanning(values, TICKS));
            double room = (frame.right - frame.left) / counts.size();
            double pitch = labelsEdges ? room : Math.min(room, WIDEST_BAR);
            double start = (frame.left + frame.right - pitch * counts.size()) / 2;
            double gap = Math.min(2, pitch / 5);
            String bars = IntStream.range(0, counts.size())
                    .mapToObj(i -> String.format(
                            Locale.ROOT,
                            ("<rect class=\"count\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\">"
                                    + "<title>%s</title></rect>"),
                            number(start + i * pitch + gap / 2),
                            number(frame.y(counts.get(i))),
                            number(pitch - gap),
                            number(frame.height - BOTTOM - frame.y(counts.get(i))),
                            count(counts.get(i))))
                    .collect(Collectors.joining());
            List<Double> whole = frame.up.values().stream()
                    .filter(value -> value == Math.rint(value))
                    .toList();
            return frame.open(histogram.name)
                    + each(whole, value -> frame.level(value, count(value.longValue())))
                    + bars
                    + labels(frame, histogram.labels, labelsEdges ? start : start + pitch / 2, pitch)
                    + frame.title(histogram.across)
                    + "</svg>";
        }

        /** Leaves out a label that would overlap the one before it. */
        private static String labels(Frame frame, List<String> labels, double first, double pitch) {
            var svg = new StringBuilder();
            double free = 0;
            for (int i = 0; i < labels.size(); i++) {
                double x = first + i * pitch;
                double half = labels.get(i).length() * LETTER / 2;
                if (x - half >= free) {
                    svg.append(frame.below(x, labels.get(i)));
                    free = labels.get(i).isEmpty() ? free : x + half + LETTER;
                }
            }
            return svg.toString();
        }
    }

    private static String figure(String caption, String drawing) {
        return "<figure><figcaption>" + escape(caption) + "</figcaption>" + drawing + "</figure>\n";
    }

    /** A drawing whose plot lies between {@code left} and {@code right}, with an axis upwards. */
    private record Frame(int height, double left, double right, Ticks up) {

        String open(String label) {
            return "<svg viewBox=\"0 0 " + WIDTH + " " + height + "\" role=\"img\" aria-label=\"" + escape(label)
                    + "\">";
        }

        double x(Ticks across, double value) {
            return left + across.share(value) * (right - left);
        }

        double y(double value) {
            return height - BOTTOM - up.share(value) * (height - TOP - BOTTOM);
        }

        /** A level line of the grid and its label. */
        String level(double value, String label) {
            String y = number(y(value));
            return "<line class=\"grid\" x1=\"" + left + "\" x2=\"" + right + "\" y1=\"" + y + "\" y2=\"" + y + "\"/>"
                    + text(left - 6, y(value) + 4, "end", label);
        }

        String below(double x, String label) {
            return text(x, height - BOTTOM + 16, "middle", label);
        }

        String title(String text) {
            return text((left + right) / 2, height - 4, "middle", text);
        }

        private static String text(double x, double y, String anchor, String text) {
            return text.isEmpty()
                    ? ""
                    : "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\">"
                            + escape(text) + "</text>";
        }
    }

    /**
     * Round numbers along an axis: multiples of 1, 2 or 5 times a power of ten.
     *
     * @param least the start of the axis
     * @param most its end
     */
    record Ticks(double least, double most, double distance) {

        private static final int MAX_LETTERS = 6;

        /** An axis that contains all values, with about so many ticks. */
        static Ticks spanning(double[] values, int count) {
            double least = Arrays.stream(values).min().orElse(0);
            double most = Arrays.stream(values).max().orElse(1);
            if (most == least) {
                double room = Math.max(Math.abs(least) / 2, 0.5);
                least -= room;
                most += room;
            }
            double wanted = (most - least) / count;
            double power = Math.pow(10, Math.floor(Math.log10(wanted)));
            double leading = wanted / power;
            double distance = (leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10) * power;
            return new Ticks(Math.floor(least / distance) * distance, Math.ceil(most / distance) * distance, distance);
        }

        List<Double> values() {
            return LongStream.rangeClosed(Math.round(least / distance), Math.round(most / distance))
                    .mapToObj(i -> i * distance)
                    .toList();
        }

        /** How far along the axis a value lies, 0 to 1. */
        double share(double value) {
            return (value - least) / (most - least);
        }

        /** The number with as many digits as the distance has; a long one with a power of ten. */
        String label(double value) {
            boolean isLong = values().stream().anyMatch(one -> plain(one).length() > MAX_LETTERS);
            if (!isLong || value == 0) {
                return isLong ? "0" : plain(value);
            }
            int power = (int) Math.ceil(Math.log10(Math.max(Math.abs(least), Math.abs(most))) - 1e-9) - 1;
            double factor = Math.pow(10, power);
            return new Ticks(least / factor, most / factor, distance / factor).plain(value / factor) + "e" + power;
        }

        private String plain(double value) {
            int digits = (int) Math.max(0, -Math.floor(Math.log10(distance) + 1e-9));
            return BigDecimal.valueOf(value)
                    .setScale(digits, RoundingMode.HALF_UP)
                    .toPlainString();
        }
    }
}
