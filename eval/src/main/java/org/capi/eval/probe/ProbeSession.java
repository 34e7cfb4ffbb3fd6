package org.capi.eval.probe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.eval.features.FeatureShape;
import org.capi.eval.features.Representation;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;

/** The probes' variables, and a session that moves them. */
final class ProbeSession implements AutoCloseable {

    private final Graph graph = new Graph();
    private final ProbeGraph probes;
    private final Session session;

    /** Probes with their first values. */
    ProbeSession(Map<Representation, FeatureShape> shapes, int classes, ProbeGrid grid, long seed) {
        try {
            probes = ProbeGraph.create(Ops.create(graph), shapes, classes, grid, seed);
        } catch (RuntimeException e) {
            graph.close();
            throw e;
        }
        session = new Session(graph);
        session.runner().addTarget(probes.files().initialize()).run().close();
    }

    ProbeGraph graph() {
        return probes;
    }

    Session session() {
        return session;
    }

    /**
     * Makes one step and returns the loss before it.
     *
     * @param factor on every learning rate
     * @param step counted from 0
     */
    float step(FeatureBatch features, int[] labels, double factor, int step) {
        float[] rates = {
            (float) factor,
            (float) (1 / (1 - Math.pow(HeadAdamW.BETA1, step + 1))),
            (float) (1 / Math.sqrt(1 - Math.pow(HeadAdamW.BETA2, step + 1)))
        };
        List<Tensor> fed = new ArrayList<>();
        try {
            Session.Runner runner = feed(features, fed);
            TInt32 truth = TInt32.vectorOf(labels);
            TFloat32 values = TFloat32.vectorOf(rates);
            fed.addAll(List.of(truth, values));
            try (var result = runner.feed(probes.labels(), truth)
                    .feed(probes.rates(), values)
                    .addTarget(probes.update())
                    .fetch(probes.loss())
                    .run()) {
                return ((TFloat32) result.get(0)).getFloat();
            }
        } finally {
            fed.forEach(Tensor::close);
        }
    }

    /** The classes that each head likes best, the best first: {@code [heads][batch][k]}. */
    Map<Representation, int[][][]> best(FeatureBatch features) {
        List<Tensor> fed = new ArrayList<>();
        try {
            Session.Runner runner = feed(features, fed);
            probes.best().values().forEach(runner::fetch);
            Map<Representation, int[][][]> best = new LinkedHashMap<>();
            try (var result = runner.run()) {
                int i = 0;
                for (Representation representation : probes.best().keySet()) {
                    best.put(representation, nested((TInt32) result.get(i++)));
                }
            }
            return best;
        } finally {
            fed.forEach(Tensor::close);
        }
    }

    /** Writes every variable, moments included. */
    void save(Path prefix) {
        run(probes.files().save(), prefix);
    }

    /** Reads what {@link #save} wrote. */
    void restore(Path prefix) {
        run(probes.files().restore(), prefix);
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }

    private Session.Runner feed(FeatureBatch features, List<Tensor> fed) {
        Session.Runner runner = session.runner();
        probes.features().forEach((representation, placeholder) -> {
            TFloat32 tensor = features.tensor(representation);
            fed.add(tensor);
            runner.feed(placeholder, tensor);
        });
        return runner;
    }

    private void run(Op target, Path prefix) {
        try (TString path = TString.scalarOf(prefix.toAbsolutePath().toString())) {
            session.runner()
                    .feed(probes.files().prefix(), path)
                    .addTarget(target)
                    .run()
                    .close();
        }
    }

    private static int[][][] nested(TInt32 tensor) {
        int[] flat = new int[Math.toIntExact(tensor.size())];
        tensor.asRawTensor().data().asInts().read(flat);
        long[] shape = tensor.shape().asArray();
        int[][][] nested = new int[(int) shape[0]][(int) shape[1]][(int) shape[2]];
        int at = 0;
        for (int[][] head : nested) {
            for (int[] image : head) {
                System.arraycopy(flat, at, image, 0, image.length);
                at += image.length;
            }
        }
        return nested;
    }

    /** Wraps values as a tensor. */
    static TFloat32 tensor(Shape shape, float[] values) {
        return TFloat32.tensorOf(shape, DataBuffers.of(values, true, false));
    }
}
