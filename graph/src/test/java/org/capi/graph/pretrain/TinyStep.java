package org.capi.graph.pretrain;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.capi.graph.TestGraph;
import org.capi.graph.VariableFile.Variable;
import org.capi.graph.Workers;
import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.optim.AdamW;
import org.capi.graph.optim.AdamW.ParameterGroups;
import org.capi.graph.pretrain.StepConfig.BatchShape;
import org.capi.graph.pretrain.StepConfig.CollapseWindow;
import org.capi.graph.pretrain.StepConfig.DepthConfig;
import org.capi.graph.pretrain.StepConfig.DepthKind;
import org.capi.graph.pretrain.StepInputs.Drops;
import org.capi.graph.vit.PositionEmbedding;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TFloating;

/** A step on images of 2 x 3 patches, with values and something to feed. */
final class TinyStep<T extends TFloating> implements AutoCloseable {
    private static final int PATCHES = 6;
    private static final double[] RATES = {1e-2, 5e-3, 0.1, 0.01, 0.9};

    private final int images;
    private final Drops drops;
    private final TestGraph test;
    private final TrainStep graph;
    private final List<String> names = new ArrayList<>();
    private final List<Operand<TFloat32>> reads = new ArrayList<>();

    TinyStep(Class<T> type, double depth, int registers) {
        this(type, config(5, depth, registers, ExecutionPlan.PLAIN));
    }

    /** With 8 images. */
    TinyStep(Class<T> type, double depth, ExecutionPlan plan) {
        this(type, config(8, depth, 4, plan));
    }

    /** With 8 images and positions of a kind. */
    TinyStep(Class<T> type, ExecutionPlan plan, PositionEmbedding.Kind positions) {
        this(type, config(8, 0, 4, plan, positions));
    }

    /** With 8 images, in a way of its own. */
    TinyStep(Class<T> type, Variant variant, double depth, ExecutionPlan plan) {
        this(type, config(8, depth, 4, plan, PositionEmbedding.Kind.ROTARY, variant));
    }

    /** With 8 images, as one compiled function. */
    static <T extends TFloating> TinyStep<T> compiled(Class<T> type, double depth, ExecutionPlan plan) {
        var test = new TestGraph(CompiledStepTest.SETTINGS);
        var config = config(8, depth, 4, plan);
        return new TinyStep<>(config, test, CompiledStep.create(test.graph(), type, config, true));
    }

    private TinyStep(Class<T> type, StepConfig config) {
        this(type, config, new TestGraph());
    }

    private TinyStep(Class<T> type, StepConfig config, TestGraph test) {
        this(config, test, TrainStep.create(test.tf(), type, config, Workers.ALONE));
    }

    private TinyStep(StepConfig config, TestGraph test, TrainStep graph) {
        this.test = test;
        this.graph = graph;
        images = config.batch().images();
        drops = Drops.of(config);
        for (Variable variable : graph.variables()) {
            names.add(variable.name());
            reads.add(test.tf().readVariableOp(variable.handle(), TFloat32.class));
        }
        test.session().runner().addTarget(graph.files().initialize()).run().close();
    }

    TrainStep graph() {
        return graph;
    }

    /** The whole graph. */
    GraphDef definition() {
        return test.graph().toGraphDef();
    }

    List<String> names() {
        return names;
    }

    String name(int i) {
        return names.get(i);
    }

    /** Parameters of student, teacher and clustering head, and moments, by {@link #names}. */
    float[][] variables() {
        var runner = test.session().runner();
        reads.forEach(runner::fetch);
        try (var result = runner.run()) {
            float[][] values = new float[reads.size()][];
            for (int i = 0; i < values.length; i++) {
                values[i] = TestGraph.floats((TFloat32) result.get(i));
            }
            return values;
        }
    }

    StepStatistics run(long step, float first) {
        var inputs = graph.inputs();
        try (var visible = positions(0, 1, 3);
                var predicted = positions(4, 2);
                var number = TInt64.scalarOf(step);
                var dropped = drops.draw(residual -> new Random(97 * step + residual)::nextDouble);
                var values = TFloat64.vectorOf(RATES)) {
            var runner = test.session()
                    .runner()
                    .feed(inputs.visible(), visible)
                    .feed(inputs.predicted(), predicted)
                    .feed(inputs.step(), number)
                    .feed(inputs.drops(), dropped)
                    .feed(inputs.rates(), values)
                    .addTarget(graph.update())
                    .fetch(graph.metrics());
            try (var normalized = normalized(first);
                    var result = runner.feed(inputs.normalized(), normalized).run()) {
                return StepStatistics.of((TFloat64) result.get(0));
            }
        }
    }

    /** Noise that begins with a given value. */
    private TFloat32 normalized(float first) {
        var random = new Random(9);
        float[] values = new float[images * 8 * 12 * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        values[0] = first;
        return TFloat32.tensorOf(Shape.of(images, 8, 12, 3), DataBuffers.of(values));
    }

    void file(Op target, Path prefix) {
        try (var path = TString.scalarOf(prefix.toString())) {
            test.session()
                    .runner()
                    .feed(graph.files().prefix(), path)
                    .addTarget(target)
                    .run()
                    .close();
        }
    }

    private TInt64 positions(long... ofEachImage) {
        long[] all = new long[images * ofEachImage.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (long) i / ofEachImage.length * PATCHES + ofEachImage[i % ofEachImage.length];
        }
        return TInt64.vectorOf(all);
    }

    private static StepConfig config(int images, double depth, int registers, ExecutionPlan plan) {
        return config(images, depth, registers, plan, PositionEmbedding.Kind.ROTARY);
    }

    private static StepConfig config(
            int images, double depth, int registers, ExecutionPlan plan, PositionEmbedding.Kind positions) {
        return config(images, depth, registers, plan, positions, Variant.DEFAULT);
    }

    private static StepConfig config(
            int images,
            double depth,
            int registers,
            ExecutionPlan plan,
            PositionEmbedding.Kind positions,
            Variant variant) {
        var vit = new VitConfig(
                4,
                16,
                2,
                2,
                registers,
                Registers.Coordinates.EDGE,
                true,
                variant.predictorDim(),
                variant.predictorDepth(),
                variant.predictor(),
                positions);
        var clustering = new ClusteringConfig(7, 0.12, 0.06, 0.12, 3, variant.samples(), true);
        var adam = new AdamW(0.9, 0.95, 1e-8, new ParameterGroups(0.2, 0.1, 0));
        var headAdam = new AdamW(0.9, 0.95, 1e-8, ParameterGroups.UNIFORM);
        var batch = new BatchShape(images, 8, 12, 3, 2);
        return new StepConfig(
                vit,
                variant.objective(),
                clustering,
                new DepthConfig(DepthKind.EFFICIENT, depth),
                adam,
                headAdam,
                batch,
                plan,
                new CollapseWindow(3),
                3);
    }

    @Override
    public void close() {
        test.close();
    }
}
