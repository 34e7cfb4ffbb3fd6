package org.capi.eval.segment;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * Minimises a function by limited-memory BFGS (Nocedal 1980) with a line search.
 *
 * @param memory steps that are remembered
 * @param tolerance the largest entry of the gradient at which it is content
 * @param maxIterations steps after which it gives up
 */
record Lbfgs(int memory, double tolerance, int maxIterations) {

    private static final double CURVATURE = 2.2e-16;

    /** A step and how the gradient changed along it. */
    private static final class Step {
        private final double[] moved;
        private final double[] turned;
        private final double product;

        Step(double[] moved, double[] turned) {
            this.moved = moved;
            this.turned = turned;
            this.product = Vector.dot(moved, turned);
        }
    }

    /** Where it came to, and how. */
    static final class Minimum {
        private final double[] point;
        private final double value;
        private final double gradient;
        private final int iterations;
        private final int evaluations;

        Minimum(LineSearch.Point at, int iterations, int evaluations) {
            this.point = at.x();
            this.value = at.value();
            this.gradient = Vector.largest(at.gradient());
            this.iterations = iterations;
            this.evaluations = evaluations;
        }

        double[] point() {
            return point;
        }

        double value() {
            return value;
        }

        /** The largest entry of the gradient. */
        double gradient() {
            return gradient;
        }

        int iterations() {
            return iterations;
        }

        int evaluations() {
            return evaluations;
        }
    }

    Minimum minimise(Objective objective, double[] start) {
        var search = new LineSearch(objective);
        LineSearch.Point at = search.evaluate(start);
        Deque<Step> steps = new ArrayDeque<>();
        int iteration = 0;
        while (iteration < maxIterations && Vector.largest(at.gradient()) > tolerance) {
            double[] direction = direction(steps, at.gradient());
            double first = steps.isEmpty() ? Math.min(1, 1 / Vector.largest(at.gradient())) : 1;
            LineSearch.Point next = search.along(at, direction, first);
            if (next == at) {
                if (steps.isEmpty()) {
                    break; // no smaller value in reach of the numbers' precision
                }
                steps.clear();
                continue;
            }
            var step = new Step(Vector.plus(next.x(), -1, at.x()), Vector.plus(next.gradient(), -1, at.gradient()));
            if (step.product > CURVATURE * Vector.dot(step.turned, step.turned)) {
                if (steps.size() == memory) {
                    steps.removeFirst();
                }
                steps.addLast(step);
            }
            at = next;
            iteration++;
        }
        return new Minimum(at, iteration, search.evaluations());
    }

    /** The gradient times an estimate of the inverse Hessian, downhill (the two-loop recursion). */
    private static double[] direction(Deque<Step> steps, double[] gradient) {
        double[] q = gradient.clone();
        double[] factors = new double[steps.size()];
        int i = steps.size();
        for (var newest = steps.descendingIterator(); newest.hasNext(); ) {
            Step step = newest.next();
            factors[--i] = Vector.dot(step.moved, q) / step.product;
            add(q, -factors[i], step.turned);
        }
        if (!steps.isEmpty()) {
            Step last = steps.getLast();
            scale(q, last.product / Vector.dot(last.turned, last.turned));
        }
        for (Step step : steps) {
            double back = Vector.dot(step.turned, q) / step.product;
            add(q, factors[i++] - back, step.moved);
        }
        scale(q, -1);
        return q;
    }

    private static void add(double[] to, double factor, double[] what) {
        Arrays.setAll(to, i -> to[i] + factor * what[i]);
    }

    private static void scale(double[] values, double factor) {
        Arrays.setAll(values, i -> values[i] * factor);
    }
}
