package org.capi.eval.pictures;

import java.util.Arrays;
import org.capi.eval.rows.WorkerPool;

/**
 * Dictionary learning (Mairal et al. 2009): codes {@code U} and atoms {@code V} of length 1 at most that make {@code
 * |X - UV|²/2 + alpha·Σ|U|} small, alternating: codes by coordinate descent, then the atoms one after the other. In
 * float64, starting from the singular vectors of the largest singular values: deterministic.
 */
final class Dictionary {

    private static final int ROUNDS = 100;
    private static final int SWEEPS = 200;
    private static final double CODE_TOLERANCE = 1e-8;
    private static final double COST_TOLERANCE = 1e-6;

    private final double[][] codes;
    private final double[][] atoms;
    private double objective;

    private Dictionary(double[][] codes, double[][] atoms) {
        this.codes = codes;
        this.atoms = atoms;
    }

    static Dictionary learn(double[][] rows, int atoms, double alpha, int threads) {
        int dim = rows[0].length;
        if (atoms > Math.min(dim, rows.length)) {
            throw new IllegalArgumentException("components must be at most the number of patches and the length of a"
                    + " feature, " + Math.min(dim, rows.length) + ", was " + atoms);
        }
        double[][] vectors = PrincipalComponents.singularVectors(rows, atoms);
        for (double[] vector : vectors) { // the sign makes the entry of largest magnitude positive
            double max = Arrays.stream(vector).max().orElse(0);
            double sign = max < -Arrays.stream(vector).min().orElse(0) ? -1 : 1;
            Arrays.setAll(vector, d -> sign * vector[d]);
        }
        var learnt = new Dictionary(new double[rows.length][atoms], vectors);
        double before = Double.POSITIVE_INFINITY;
        try (var workers = new WorkerPool(threads)) {
            for (int round = 0; round < ROUNDS; round++) {
                learnt.encode(rows, alpha, workers);
                learnt.objective = learnt.cost(rows, alpha);
                if (before - learnt.objective < COST_TOLERANCE * learnt.objective) {
                    break;
                }
                before = learnt.objective;
                learnt.update(rows);
            }
        }
        return learnt;
    }

    /** {@code [rows, atoms]}; not a copy. */
    double[][] codes() {
        return codes;
    }

    /** {@code |X - UV|²/2 + alpha·Σ|U|} at the end. */
    double objective() {
        return objective;
    }

    /** The codes of minimum cost for the present atoms. */
    private void encode(double[][] rows, double alpha, WorkerPool workers) {
        int count = atoms.length;
        double[][] gram = new double[count][count];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                gram[i][j] = dot(atoms[i], atoms[j]);
            }
        }
        workers.each(workers.count(), part -> {
            double[] products = new double[count];
            for (int row = part; row < rows.length; row += workers.count()) {
                for (int i = 0; i < count; i++) {
                    products[i] = dot(rows[row], atoms[i]);
                }
                descend(codes[row], products, gram, alpha);
            }
        });
    }

    /** Sets each coordinate in turn to its minimum, until none changes. */
    private static void descend(double[] code, double[] products, double[][] gram, double alpha) {
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            double change = 0;
            for (int i = 0; i < code.length; i++) {
                double rest = products[i] + gram[i][i] * code[i] - dot(gram[i], code);
                double next =
                        gram[i][i] == 0 ? 0 : Math.signum(rest) * Math.max(Math.abs(rest) - alpha, 0) / gram[i][i];
                change = Math.max(change, Math.abs(next - code[i]));
                code[i] = next;
            }
            if (change < CODE_TOLERANCE) {
                return;
            }
        }
    }

    /** Sets each atom in turn to its minimum, then scales it to length 1 if it is longer. */
    private void update(double[][] rows) {
        int dim = rows[0].length;
        for (int k = 0; k < atoms.length; k++) {
            double weight = 0;
            double[] sum = new double[dim];
            for (int row = 0; row < rows.length; row++) {
                double code = codes[row][k];
                if (code != 0) {
                    weight += code * code;
                    add(sum, code, rows[row]);
                    for (int other = 0; other < atoms.length; other++) {
                        if (other != k) {
                            add(sum, -code * codes[row][other], atoms[other]);
                        }
                    }
                }
            }
            if (weight > 0) {
                double length = Math.max(1, Math.sqrt(dot(sum, sum)) / weight);
                for (int d = 0; d < dim; d++) {
                    atoms[k][d] = sum[d] / weight / length;
                }
            }
        }
    }

    private double cost(double[][] rows, double alpha) {
        double cost = 0;
        for (int row = 0; row < rows.length; row++) {
            double[] rest = rows[row].clone();
            for (int k = 0; k < atoms.length; k++) {
                add(rest, -codes[row][k], atoms[k]);
                cost += alpha * Math.abs(codes[row][k]);
            }
            cost += dot(rest, rest) / 2;
        }
        return cost;
    }

    private static void add(double[] to, double factor, double[] what) {
        if (factor != 0) {
            for (int d = 0; d < to.length; d++) {
                to[d] += factor * what[d];
            }
        }
    }

    static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += a[d] * b[d];
        }
        return sum;
    }
}
