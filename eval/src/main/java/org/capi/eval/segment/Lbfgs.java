package org.capi.eval.segment;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Minimises a smooth function by limited-memory BFGS (Nocedal 1980) with a line search that satisfies the strong Wolfe
 * conditions (Nocedal and Wright, Numerical Optimization).
 *
 * @param memory steps that are remembered
 * @param tolerance the largest entry of the gradient at which it stops
 */
record Lbfgs(int memory, double tolerance, int maxIterations) {

    /** Least product of a step and the change of the gradient, relative to the square of the latter. */
    private static final double MIN_CURVATURE = 2.2e-16;

    @FunctionalInterface
    interface Differentiable {

        /** The value at a point; the gradient is written into an array. */
        double at(double[] point, double[] gradient);
    }

    /** A point with the function's value and gradient there. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Point(double[] x, double value, double[] gradient) {

        double slope(double[] direction) {
            return dot(gradient, direction);
        }
    }

    /** Where the search ended; {@code gradient} is its largest entry. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Minimum(double[] point, double value, double gradient, int iterations, int evaluations) {}

    /** A step, the change of the gradient along it, and the product of both. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Step(double[] s, double[] y, double product) {}

    Minimum minimise(Differentiable function, double[] start) {
        var search = new LineSearch(function);
        Point at = search.evaluate(start);
        Deque<Step> steps = new ArrayDeque<>();
        int iteration = 0;
        while (iteration < maxIterations && largest(at.gradient) > tolerance) {
            double[] direction = direction(steps, at.gradient);
            double first = steps.isEmpty() ? Math.min(1, 1 / largest(at.gradient)) : 1;
            Point next = search.along(at, direction, first);
            if (next == null) {
                if (steps.isEmpty()) {
                    break; // no smaller value in reach of the numbers' precision
                }
                steps.clear();
                continue;
            }
            double[] s = plus(next.x, -1, at.x);
            double[] y = plus(next.gradient, -1, at.gradient);
            var step = new Step(s, y, dot(s, y));
            if (step.product > MIN_CURVATURE * dot(y, y)) {
                if (steps.size() == memory) {
                    steps.removeFirst();
                }
                steps.addLast(step);
            }
            at = next;
            iteration++;
        }
        return new Minimum(at.x, at.value, largest(at.gradient), iteration, search.evaluations);
    }

    /** Minus the gradient times an estimate of the inverse Hessian (the two-loop recursion). */
    private static double[] direction(Deque<Step> steps, double[] gradient) {
        double[] q = gradient.clone();
        double[] factors = new double[steps.size()];
        int i = steps.size();
        for (var newest = steps.descendingIterator(); newest.hasNext(); ) {
            Step step = newest.next();
            factors[--i] = dot(step.s, q) / step.product;
            add(q, -factors[i], step.y);
        }
        if (!steps.isEmpty()) {
            Step last = steps.getLast();
            scale(q, last.product / dot(last.y, last.y));
        }
        for (Step step : steps) {
            double back = dot(step.y, q) / step.product;
            add(q, factors[i++] - back, step.s);
        }
        scale(q, -1);
        return q;
    }

    private static final class LineSearch {

        private static final double DECREASE = 1e-4;
        private static final double CURVATURE = 0.9;
        private static final int MAX_TRIALS = 30;
        private static final double GROWTH = 4;
        private static final double EDGE = 0.1;
        private static final double PRECISION = 1e-15;

        private final Differentiable function;
        private int evaluations;

        LineSearch(Differentiable function) {
            this.function = function;
        }

        /** A step along the direction, the point there and its slope. */
        private record Evaluated(double step, Point point, double slope) {}

        Point evaluate(double[] x) {
            evaluations++;
            double[] gradient = new double[x.length];
            double value = function.at(x, gradient);
            return new Point(x, value, gradient);
        }

        /** A better point in a descent direction; null where rounding lets none be found. */
        @Nullable
        Point along(Point start, double[] direction, double first) {
            double slope = start.slope(direction);
            if (!(slope < 0)) {
                return null;
            }
            var low = new Evaluated(0, start, slope);
            Evaluated high = null;
            double step = first;
            for (int i = 0; i < MAX_TRIALS; i++) {
                Point point = evaluate(plus(start.x, step, direction));
                var evaluated = new Evaluated(step, point, point.slope(direction));
                double allowed = start.value + DECREASE * evaluated.step * slope + PRECISION * Math.abs(start.value);
                boolean tooHigh = !(point.value <= allowed) || (low.step > 0 && point.value >= low.point.value);
                if (!tooHigh && Math.abs(evaluated.slope) <= -CURVATURE * slope) {
                    return point;
                }
                if (tooHigh) {
                    high = evaluated;
                } else {
                    if (high != null ? evaluated.slope * (high.step - low.step) >= 0 : evaluated.slope >= 0) {
                        high = low;
                    }
                    low = evaluated;
                }
                step = high == null ? GROWTH * step : between(low, high);
            }
            return low.step > 0 ? low.point : null;
        }

        /** The minimum of the cubic through values and slopes of both, kept away from either. */
        private static double between(Evaluated low, Evaluated high) {
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

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** {@code a + factor·b}. */
    private static double[] plus(double[] a, double factor, double[] b) {
        double[] sum = a.clone();
        add(sum, factor, b);
        return sum;
    }

    private static void add(double[] to, double factor, double[] what) {
        Arrays.setAll(to, i -> to[i] + factor * what[i]);
    }

    private static void scale(double[] values, double factor) {
        Arrays.setAll(values, i -> values[i] * factor);
    }

    private static double largest(double[] a) {
        return Arrays.stream(a).map(Math::abs).reduce(0, Math::max);
    }
}
