package org.capi.train.watch;

import java.util.ArrayList;
import java.util.List;
import org.capi.eval.report.Curves.Point;

/** Values over the steps of a run in bounded memory: when there are too many points, neighbours become their mean. */
final class ThinnedSeries {

    private static final int MOST_POINTS = 600;

    private final List<Point> points = new ArrayList<>();
    private int each = 1;
    private int waiting;
    private double sum;

    void add(long step, double value) {
        if (!Double.isFinite(value)) {
            return;
        }
        sum += value;
        waiting++;
        if (waiting == each) {
            points.add(new Point(step, sum / each));
            sum = 0;
            waiting = 0;
            if (points.size() == MOST_POINTS) {
                halve();
            }
        }
    }

    List<Point> points() {
        return List.copyOf(points);
    }

    private void halve() {
        List<Point> means = new ArrayList<>();
        for (int i = 0; i + 1 < points.size(); i += 2) {
            Point next = points.get(i + 1);
            means.add(new Point(next.step(), (points.get(i).value() + next.value()) / 2));
        }
        points.clear();
        points.addAll(means);
        each *= 2;
    }
}
