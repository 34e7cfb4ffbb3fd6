package org.capi.graph.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.capi.graph.Parameter;
import org.capi.graph.TestGraph;
import org.capi.graph.Workers;
import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.clustering.Samples;
import org.capi.graph.optim.AdamW;
import org.capi.graph.optim.ParameterGroups;
import org.capi.graph.pretrain.StepConfig.BatchShape;
import org.capi.graph.pretrain.StepConfig.DepthConfig;
import org.capi.graph.pretrain.StepConfig.DepthKind;
import org.capi.graph.vit.RegisterCoordinates;
import org.capi.graph.vit.VitConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TFloating;

/** A tiny step on images of 2 x 3 patches. */
class PretrainGraphTest {

    private static final int IMAGES = 5;
    private static final int PATCHES = 6;
    private static final double[] RATES = {1e-2, 5e-3, 0.1, 0.01, 0.9};

    @TempDir
    private Path folder;

    @Test
    void everyParameterThatMovesGetsAGradientAndMoves() {
        try (Step<TFloat32> step = new Step<>(TFloat32.class, 0.4, 4)) {
            float[][] before = step.variables();
            Metrics metrics = step.run(1, 1);
            assertThat(metrics.updated()).isTrue();
            assertThat(metrics.gradientNorm()).isPositive();
            float[][] after = step.variables();
            for (int i = 0; i < before.length; i++) {
                if (step.name(i).endsWith("rope.freqs")) {
                    assertThat(after[i]).as(step.name(i)).isEqualTo(before[i]);
                } else {
                    assertThat(after[i]).as(step.name(i)).isNotEqualTo(before[i]);
                }
            }
        }
    }

    @Test
    void aStepThatIsNotFiniteChangesNothing() {
        try (Step<TFloat32> step = new Step<>(TFloat32.class, 0, 4)) {
            step.run(0, 1);
            float[][] before = step.variables();
            Metrics metrics = step.run(1, Float.NaN);
            assertThat(metrics.updated()).isFalse();
            assertThat(step.variables()).isEqualTo(before);
            assertThat(step.run(2, 1).updated()).isTrue();
            assertThat(step.variables()).isNotEqualTo(before);
        }
    }

    @Test
    void aRestoredStepGoesOnToTheLastBit() {
        Path prefix = folder.resolve("model");
        float[][] straight;
        try (Step<TFloat32> step = new Step<>(TFloat32.class, 0.4, 4)) {
            step.run(0, 1);
            step.run(1, 1);
            step.file(step.graph.files().save(), prefix);
            step.run(2, 1);
            straight = step.variables();
        }
        try (Step<TFloat32> step = new Step<>(TFloat32.class, 0.4, 4)) {
            step.file(step.graph.files().restore(), prefix);
            step.run(2, 1);
            assertThat(step.variables()).isEqualTo(straight);
        }
    }

    @Test
    void bfloat16LossesAreThoseOfFloat32ToItsPrecision() {
        try (Step<TFloat32> wide = new Step<>(TFloat32.class, 0, 4);
                Step<TBfloat16> narrow = new Step<>(TBfloat16.class, 0, 4)) {
            Metrics expected = wide.run(0, 1);
            Metrics actual = narrow.run(0, 1);
            assertThat(actual.studentLoss()).isCloseTo(expected.studentLoss(), within(0.02));
            assertThat(actual.clusteringLoss()).isCloseTo(expected.clusteringLoss(), within(0.1));
        }
    }

    @Test
    void aModelWithoutRegistersTrains() {
        try (Step<TFloat32> step = new Step<>(TFloat32.class, 0, 0)) {
            assertThat(step.names).noneMatch(name -> name.endsWith("registers"));
            assertThat(step.run(0, 1).updated()).isTrue();
        }
    }

    @Test
    void theTeacherBeginsAsTheStudent() {
        try (Step<TFloat32> step = new Step<>(TFloat32.class, 0, 4)) {
            float[][] values = step.variables();
            for (int i = 0; i < values.length; i++) {
                int ema = step.names.indexOf(step.name(i).replace("student.", "student_ema."));
                if (ema >= 0) {
                    assertThat(values[ema]).isEqualTo(values[i]);
                }
            }
        }
    }

    /** A step graph with values and something to feed. */
    private static final class Step<T extends TFloating> implements AutoCloseable {
        private final TestGraph test = new TestGraph();
        private final PretrainGraph graph;
        private final List<String> names = new ArrayList<>();
        private final List<Operand<TFloat32>> reads = new ArrayList<>();

        Step(Class<T> type, double depth, int registers) {
            graph = PretrainGraph.create(test.tf(), type, config(depth, registers), Workers.ALONE);
            List<Parameter> parameters = new ArrayList<>(graph.student());
            parameters.addAll(graph.prototypes());
            for (Parameter parameter : parameters) {
                read(parameter.name(), parameter.shape());
                if (parameter.name().startsWith("student.")) {
                    read(parameter.name().replace("student.", "student_ema."), parameter.shape());
                }
            }
            test.session().runner().addTarget(graph.files().initialize()).run().close();
        }

        String name(int i) {
            return names.get(i);
        }

        private void read(String name, Shape shape) {
            var handle = test.tf().varHandleOp(TFloat32.class, shape, VarHandleOp.sharedName(name));
            names.add(name);
            reads.add(test.tf().readVariableOp(handle, TFloat32.class));
        }

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

        Metrics run(long step, float first) {
            var inputs = graph.inputs();
            try (var visible = positions(0, 1, 3);
                    var predicted = positions(4, 2);
                    var number = TInt64.scalarOf(step);
                    var values = TFloat64.vectorOf(RATES)) {
                var runner = test.session()
                        .runner()
                        .feed(inputs.visible(), visible)
                        .feed(inputs.predicted(), predicted)
                        .feed(inputs.step(), number)
                        .feed(inputs.rates(), values)
                        .addTarget(graph.update())
                        .fetch(graph.metrics());
                try (var normalized = normalized(first);
                        var result =
                                runner.feed(inputs.normalized(), normalized).run()) {
                    return Metrics.of((TFloat64) result.get(0));
                }
            }
        }

        /** Noise that begins with a given value. */
        private static TFloat32 normalized(float first) {
            var random = new Random(9);
            float[] values = new float[IMAGES * 8 * 12 * 3];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            values[0] = first;
            return TFloat32.tensorOf(Shape.of(IMAGES, 8, 12, 3), DataBuffers.of(values));
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

        private static TInt64 positions(long... ofEachImage) {
            long[] all = new long[IMAGES * ofEachImage.length];
            for (int i = 0; i < all.length; i++) {
                all[i] = (long) i / ofEachImage.length * PATCHES + ofEachImage[i % ofEachImage.length];
            }
            return TInt64.vectorOf(all);
        }

        private static StepConfig config(double depth, int registers) {
            var vit = new VitConfig(4, 16, 2, 2, registers, RegisterCoordinates.EDGE, true, 24, 2);
            var clustering = new ClusteringConfig(7, 0.12, 0.06, 0.12, 3, Samples.POSITIONWISE, true);
            var adam = new AdamW(0.9, 0.95, 1e-8, new ParameterGroups(0.2, 0.1, 0));
            var headAdam = new AdamW(0.9, 0.95, 1e-8, ParameterGroups.UNIFORM);
            var batch = new BatchShape(IMAGES, 8, 12, 3, 2);
            return new StepConfig(
                    vit, clustering, new DepthConfig(DepthKind.EFFICIENT, depth), adam, headAdam, batch, 3);
        }

        @Override
        public void close() {
            test.close();
        }
    }
}
