package org.capi.eval.segment;

/** Finds a step along a direction that satisfies the strong Wolfe conditions (Nocedal and Wright, Numerical Optimization). */
final class LineSearch {

    private static final double DECREASE = 1e-4;
    private static final double CURVATURE = 0.9;
    private static final int TRIALS = 30;
    private static final double GROWTH = 4;
    private static final double EDGE = 0.1;
    private static final double PRECISION = 1e-15;

    private final Objective objective;
    private int evaluations;

    LineSearch(Objective objective) {
        this.objective = objective;
    }

    /** A point with what the objective is there. */
    static final class Point {
        private final double[] x;
        private final double value;
        private final double[] gradient;

        Point(double[] x, double value, double[] gradient) {
            this.x = x;
            this.value = value;
            this.gradient = gradient;
        }

        double[] x() {
            return x;
        }

        double value() {
            return value;
        }

        double[] gradient() {
            return gradient;
        }
    }

    /** A trial: how far, and value and slope there. */
    private record Trial(double step, Point point, double slope) {}

    int evaluations() {
        return evaluations;
    }

    Point evaluate(double[] x) {
        evaluations++;
        double[] gradient = new double[x.length];
        double value = objective.at(x, gradient);
        return new Point(x, value, gradient);
    }

    /** A better point in a direction that goes down, or the start where rounding lets none be found. */
    Point along(Point start, double[] direction, double first) {
        double slope = Vector.dot(start.gradient, direction);
        if (!(slope < 0)) {
            return start;
        }
        var low = new Trial(0, start, slope);
        Trial high = null;
        double step = first;
        for (int i = 0; i < TRIALS; i++) {
            Trial trial = trial(start, direction, step);
            double allowed = start.value + DECREASE * trial.step * slope + PRECISION * Math.abs(start.value);
            boolean tooHigh = !(trial.point.value <= allowed) || (low.step > 0 && trial.point.value >= low.point.value);
            if (!tooHigh && Math.abs(trial.slope) <= -CURVATURE * slope) {
                return trial.point;
            }
            if (tooHigh) {
                high = trial;
            } else {
                if (high != null ? trial.slope * (high.step - low.step) >= 0 : trial.slope >= 0) {
                    high = low;
                }
                low = trial;
            }
            step = high == null ? GROWTH * step : between(low, high);
        }
        return low.step > 0 ? low.point : start;
    }

    private Trial trial(Point start, double[] direction, double step) {
        Point point = evaluate(Vector.plus(start.x, step, direction));
        return new Trial(step, point, Vector.dot(point.gradient, direction));
    }

    /** The minimum of the cubic through values and slopes of both, kept away from either. */
    private static double between(Trial low, Trial high) {
        double width = high.step - low.step;
        double d1 = low.slope + high.slope - 3 * (high.point.value - low.point.value) / width;
        double root = Math.sqrt(d1 * d1 - low.slope * high.slope) * Math.signum(width);
        double share = 1 - (high.slope + root - d1) / (high.slope - low.slope + 2 * root);
        if (!(share > EDGE)) {
            share = Double.isNaN(share) ? 0.5 : EDGE;
        }
        return low.step + Math.min(share, 1 - EDGE) * width;
    }
}
