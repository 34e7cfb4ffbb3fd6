package org.capi.graph.vit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The forward pass of one image in double precision and plain loops, as the paper tells it: pre-norm blocks of RMS
 * norms, attention without biases and an MLP with an exact GELU.
 *
 * @param weights by their names
 * @param learned whether positions are learned vectors, not rotary angles
 */
record PlainTransformer(Map<String, double[]> weights, VitConfig config, int rows, int columns, boolean learned) {

    /** Values with their coordinates (row, column). */
    record Sequence(List<double[]> values, List<double[]> coords) {
        Sequence behind(Sequence first) {
            List<double[]> allValues = new ArrayList<>(first.values);
            allValues.addAll(values);
            List<double[]> allWhere = new ArrayList<>(first.coords);
            allWhere.addAll(coords);
            return new Sequence(allValues, allWhere);
        }

        Sequence with(List<double[]> newValues) {
            return new Sequence(newValues, coords);
        }
    }

    double[] weight(String name) {
        double[] found = weights.get(name);
        if (found == null) {
            throw new IllegalStateException("no weight " + name);
        }
        return found;
    }

    double[] place(long patch) {
        long row = patch / columns;
        return new double[] {row / (rows - 1.0), patch % columns / (columns - 1.0)};
    }

    /** Registers and patches, of patches given as channel, row, column. */
    Sequence visible(double[][] patches, long[] visible) {
        List<double[]> values = new ArrayList<>();
        List<double[]> coords = new ArrayList<>();
        double[] least = {1, 1};
        double[] most = {0, 0};
        for (long patch : visible) {
            double[] token = PlainMath.product(patches[(int) patch], weight("patch_embed.weight"), config.dim());
            double[] bias = weight("patch_embed.bias");
            for (int i = 0; i < token.length; i++) {
                token[i] += bias[i];
            }
            values.add(positioned(token, patch, "encoder.pos_embed"));
            coords.add(place(patch));
            for (int axis = 0; axis < 2; axis++) {
                least[axis] = Math.min(least[axis], place(patch)[axis]);
                most[axis] = Math.max(most[axis], place(patch)[axis]);
            }
        }
        List<double[]> registers = new ArrayList<>();
        List<double[]> border = new ArrayList<>();
        int side = config.registers() / 4;
        for (int i = 0; i < config.registers(); i++) {
            double t = (double) (i % side) / side;
            double[][] walk = {{t, 0}, {1, t}, {1 - t, 1}, {0, 1 - t}};
            double[] u = walk[i / side];
            registers.add(row(weight("registers"), i, config.dim()));
            border.add(new double[] {least[0] + u[0] * (most[0] - least[0]), least[1] + u[1] * (most[1] - least[1])});
        }
        return new Sequence(values, coords).behind(new Sequence(registers, border));
    }

    Sequence masks(long[] predicted, String positions) {
        List<double[]> values = new ArrayList<>();
        List<double[]> coords = new ArrayList<>();
        for (long patch : predicted) {
            values.add(positioned(weight("mask_token").clone(), patch, positions));
            coords.add(place(patch));
        }
        return new Sequence(values, coords);
    }

    private double[] positioned(double[] token, long patch, String table) {
        if (learned) {
            double[] vector = row(weight(table), (int) patch, token.length);
            for (int i = 0; i < token.length; i++) {
                token[i] += vector[i];
            }
        }
        return token;
    }

    /** Self-attention through blocks {@code part.blocks.0} and on, normed at the end. */
    Sequence blocks(String part, int depth, Sequence x) {
        Sequence y = x;
        for (int i = 0; i < depth; i++) {
            y = block(part + ".blocks." + i, y);
        }
        return y.with(y.values().stream().map(v -> norm(v, null)).toList());
    }

    Sequence project(String name, Sequence x, int out) {
        return x.with(x.values().stream()
                .map(v -> PlainMath.product(v, weight(name), out))
                .toList());
    }

    private Sequence block(String path, Sequence x) {
        String first = path + ".residual1.";
        String second = path + ".residual2.";
        var normed = x.with(x.values().stream()
                .map(v -> norm(v, weight(first + "norm.weight")))
                .toList());
        var attended = sum(x.values(), attention(first + "fn.", normed));
        List<double[]> mlp = new ArrayList<>();
        for (double[] token : attended) {
            double[] y = norm(token, weight(second + "norm.weight"));
            double[] up = PlainMath.product(y, weight(second + "fn.fc1.weight"), 4 * y.length);
            for (int i = 0; i < up.length; i++) {
                up[i] = up[i] * (1 + PlainMath.erf(up[i] / Math.sqrt(2))) / 2;
            }
            mlp.add(PlainMath.product(up, weight(second + "fn.fc2.weight"), y.length));
        }
        return x.with(sum(attended, mlp));
    }

    private List<double[]> attention(String path, Sequence x) {
        int dim = x.values().get(0).length;
        int headDim = config.dim() / config.heads();
        int tokens = x.values().size();
        var q = project(path + "q_proj.weight", x, dim).values();
        var k = project(path + "k_proj.weight", x, dim).values();
        var v = project(path + "v_proj.weight", x, dim).values();
        List<double[]> mixed = new ArrayList<>();
        for (int t = 0; t < tokens; t++) {
            double[] out = new double[dim];
            for (int head = 0; head < dim / headDim; head++) {
                double[] query =
                        turned(path, q.get(t), head, headDim, x.coords().get(t));
                double[] scores = new double[tokens];
                double total = 0;
                for (int s = 0; s < tokens; s++) {
                    double[] key =
                            turned(path, k.get(s), head, headDim, x.coords().get(s));
                    for (int c = 0; c < headDim; c++) {
                        scores[s] += query[c] * key[c];
                    }
                    scores[s] = Math.exp(scores[s] / Math.sqrt(headDim));
                    total += scores[s];
                }
                for (int s = 0; s < tokens; s++) {
                    for (int c = 0; c < headDim; c++) {
                        out[head * headDim + c] += scores[s] / total * v.get(s)[head * headDim + c];
                    }
                }
            }
            mixed.add(PlainMath.product(out, weight(path + "proj.weight"), dim));
        }
        return mixed;
    }

    /** A head's channels, each turned by its own angle together with the channel half a head away. */
    private double[] turned(String path, double[] x, int head, int headDim, double[] coords) {
        double[] channels = Arrays.copyOfRange(x, head * headDim, (head + 1) * headDim);
        if (learned) {
            return channels;
        }
        double[] table = weight(path + "rope.freqs");
        double[] out = new double[headDim];
        for (int c = 0; c < headDim; c++) {
            double angle = coords[0] * table[c] + coords[1] * table[headDim + c];
            double partner = c < headDim / 2 ? -channels[c + headDim / 2] : channels[c - headDim / 2];
            out[c] = channels[c] * Math.cos(angle) + partner * Math.sin(angle);
        }
        return out;
    }

    static double[] norm(double[] x, double @Nullable [] gain) {
        double squares = 0;
        for (double value : x) {
            squares += value * value;
        }
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i] / Math.sqrt(squares / x.length + 1e-5) * (gain == null ? 1 : gain[i]);
        }
        return y;
    }

    static double[] row(double[] table, int index, int width) {
        return Arrays.copyOfRange(table, index * width, (index + 1) * width);
    }

    private static List<double[]> sum(List<double[]> a, List<double[]> b) {
        List<double[]> sums = new ArrayList<>();
        for (int t = 0; t < a.size(); t++) {
            double[] y = a.get(t).clone();
            for (int i = 0; i < y.length; i++) {
                y[i] += b.get(t)[i];
            }
            sums.add(y);
        }
        return sums;
    }
}
