package org.capi.graph.pretrain;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.capi.golden.Golden;
import org.capi.golden.NpyArray;
import org.capi.graph.Parameter;
import org.capi.graph.TestGraph;
import org.capi.graph.Workers;
import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.clustering.SinkhornKnopp;
import org.capi.graph.optim.AdamW;
import org.capi.graph.optim.AdamW.ParameterGroups;
import org.capi.graph.optim.GoldenSchedules;
import org.capi.graph.optim.Schedule;
import org.capi.graph.pretrain.StepConfig.BatchShape;
import org.capi.graph.pretrain.StepConfig.CollapseWindow;
import org.capi.graph.pretrain.StepConfig.DepthConfig;
import org.capi.graph.pretrain.StepConfig.DepthKind;
import org.capi.graph.pretrain.StepInputs.Drops;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/** The reference's own training run in a session: its sizes, first weights, batches and schedules. */
final class GoldenTraining<T extends TFloating> implements AutoCloseable {

    private final Golden golden = Golden.fixture("train");
    private final JsonNode hyper = golden.hyper();
    private final int steps = hyper.get("iters").asInt();
    private final TestGraph graph;
    private final Schedule learningRate = GoldenSchedules.of(hyper.get("lr"), steps);
    private final Schedule clusteringRate = GoldenSchedules.of(hyper.get("clr"), steps);
    private final Schedule momentum = GoldenSchedules.of(hyper.get("mom"), steps);
    private final TrainStep step;
    private final Drops none;
    private final int workers;
    private final int rank;

    GoldenTraining(Class<T> computeType, ExecutionPlan plan, int streams) {
        this(new TestGraph(), computeType, plan.with(streams, false), Workers.ALONE);
    }

    /** In clusters that XLA compiles. */
    static <T extends TFloating> GoldenTraining<T> inClusters(Class<T> computeType, ExecutionPlan plan) {
        return new GoldenTraining<>(
                new TestGraph(CompiledStepTest.CLUSTERS), computeType, plan.with(1, true), Workers.ALONE);
    }

    /** One worker's part of it, in a graph of the caller's. */
    GoldenTraining(TestGraph graph, Class<T> computeType, ExecutionPlan plan, Workers workers) {
        this.graph = graph;
        this.workers = workers.count();
        this.rank = workers.rank();
        step = TrainStep.create(graph.tf(), computeType, config(plan), workers);
        none = Drops.of(config(plan));
    }

    /** As one compiled function. */
    GoldenTraining(Class<T> computeType, ExecutionPlan plan) {
        graph = new TestGraph(CompiledStepTest.SETTINGS);
        workers = 1;
        rank = 0;
        step = CompiledStep.create(graph.graph(), computeType, config(plan), true);
        none = Drops.of(config(plan));
    }

    Golden golden() {
        return golden;
    }

    TestGraph graph() {
        return graph;
    }

    TrainStep step() {
        return step;
    }

    int steps() {
        return steps;
    }

    /** Learning rate, learning rate of the clustering head and momentum. */
    double[] rates(int i) {
        return new double[] {learningRate.at(i), clusteringRate.at(i), momentum.at(i)};
    }

    /** Reads of every parameter that the reference saved, by name. */
    Map<String, Operand<TFloat32>> variables() {
        Map<String, Operand<TFloat32>> variables = new LinkedHashMap<>();
        for (String name : names()) {
            variables.put(name, graph.tf().readVariableOp(handle(name), TFloat32.class));
        }
        return variables;
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        for (Parameter parameter : step.student()) {
            names.add(parameter.name());
            names.add(parameter.name().replace("student.", "student_ema."));
        }
        step.prototypes().forEach(p -> names.add(p.name()));
        return names;
    }

    private Operand<?> handle(String name) {
        return graph.tf()
                .varHandleOp(
                        TFloat32.class,
                        Shape.of(golden.array("init/" + name.replace("student_ema.", "student."))
                                .shape()),
                        VarHandleOp.sharedName(name));
    }

    /** Gives every parameter its first value. */
    void load() {
        List<Tensor> fed = new ArrayList<>();
        var runner = graph.session().runner().addTarget(step.files().initialize());
        List<Parameter> all = new ArrayList<>(step.student());
        all.addAll(step.prototypes());
        for (Parameter parameter : all) {
            NpyArray array = golden.array("init/" + parameter.name());
            var tensor = TFloat32.tensorOf(Shape.of(array.shape()), DataBuffers.of(array.floats()));
            fed.add(tensor);
            runner.feed(parameter.initial(), tensor);
        }
        runner.run().close();
        fed.forEach(Tensor::close);
    }

    /** Makes a step. */
    StepStatistics train(int i) {
        try (var fed = new Fed(i);
                var result = fed.runner()
                        .fetch(step.metrics())
                        .addTarget(step.update())
                        .run()) {
            return StepStatistics.of((TFloat64) result.get(0));
        }
    }

    /** The values of operands in a step that is not made. */
    float[][] run(int i, Collection<Operand<TFloat32>> wanted) {
        try (var fed = new Fed(i)) {
            var runner = fed.runner();
            wanted.forEach(runner::fetch);
            try (var result = runner.run()) {
                float[][] values = new float[wanted.size()][];
                for (int k = 0; k < values.length; k++) {
                    values[k] = TestGraph.floats((TFloat32) result.get(k));
                }
                return values;
            }
        }
    }

    /** What one step is fed with. */
    private final class Fed implements AutoCloseable {
        private final TFloat32 images;
        private final TInt64 visible;
        private final TInt64 predicted;
        private final TInt64 number;
        private final TInt64 drops;
        private final TFloat64 rates;
        private final TFloat64 status = TFloat64.vectorOf(new double[StepInputs.STATUS]);

        Fed(int i) {
            images = channelsLast(golden.array("images"));
            visible = row("visible_indices", i);
            predicted = row("predict_indices", i);
            number = TInt64.scalarOf(i);
            drops = none.draw(residual -> () -> 0);
            rates = TFloat64.vectorOf(
                    learningRate.at(i),
                    clusteringRate.at(i),
                    hyper.get("weight_decay").asDouble(),
                    hyper.get("clustering_weight_decay").asDouble(),
                    momentum.at(i));
        }

        Session.Runner runner() {
            StepInputs inputs = step.inputs();
            var runner = graph.session()
                    .runner()
                    .feed(inputs.normalized(), images)
                    .feed(inputs.visible(), visible)
                    .feed(inputs.predicted(), predicted)
                    .feed(inputs.step(), number)
                    .feed(inputs.drops(), drops)
                    .feed(inputs.rates(), rates);
            var statusInput = inputs.status();
            return statusInput == null ? runner : runner.feed(statusInput, status);
        }

        private TInt64 row(String name, int i) {
            NpyArray array = golden.array(name);
            int width = array.size(1) / workers;
            int first = i * array.size(1) + rank * width;
            long[] positions = Arrays.copyOfRange(array.longs(), first, first + width);
            var images = step.inputs().normalized().shape();
            long patch = hyper.get("patch").asInt();
            long before = rank * images.get(0) * (images.get(1) / patch) * (images.get(2) / patch);
            return TInt64.vectorOf(Arrays.stream(positions).map(p -> p - before).toArray());
        }

        @Override
        public void close() {
            List.of(images, visible, predicted, number, drops, rates, status).forEach(Tensor::close);
        }
    }

    /** This worker's images, the channels of a pixel side by side. */
    private TFloat32 channelsLast(NpyArray images) {
        int batch = images.size(0) / workers;
        int one = images.size(1) * images.size(2) * images.size(3);
        float[] values = Arrays.copyOfRange(images.floats(), rank * batch * one, (rank + 1) * batch * one);
        int pixels = images.size(2) * images.size(3);
        float[] moved = new float[values.length];
        for (int image = 0; image < batch; image++) {
            for (int channel = 0; channel < 3; channel++) {
                for (int pixel = 0; pixel < pixels; pixel++) {
                    moved[(image * pixels + pixel) * 3 + channel] = values[(image * 3 + channel) * pixels + pixel];
                }
            }
        }
        return TFloat32.tensorOf(Shape.of(batch, images.size(2), images.size(3), 3), DataBuffers.of(moved));
    }

    private StepConfig config(ExecutionPlan plan) {
        int whole = hyper.get("batch").asInt();
        int images = whole / workers;
        var vit = new VitConfig(
                hyper.get("patch").asInt(),
                hyper.get("embed").asInt(),
                hyper.get("enc").asInt(),
                hyper.get("heads").asInt(),
                hyper.get("n_registers").asInt(),
                Registers.Coordinates.valueOf(
                        hyper.get("register_coordinates").asText().toUpperCase(Locale.ROOT)),
                hyper.get("scale_reg_to_visible").asBoolean(),
                golden.array("init/student.backbone.mask_token").size(1),
                hyper.get("dec").asInt());
        var clustering = new ClusteringConfig(
                hyper.get("clusters").asInt(),
                hyper.get("student_temp").asDouble(),
                hyper.get("target_temp").asDouble(),
                hyper.get("pred_temp").asDouble(),
                hyper.get("n_sk_iter").asInt(),
                hyper.get("positionwise_sk").asBoolean()
                        ? SinkhornKnopp.Grouping.POSITIONWISE
                        : SinkhornKnopp.Grouping.STANDARD,
                hyper.get("clustering_bias").asBoolean());
        double beta1 = hyper.get("betas").get(0).asDouble();
        double beta2 = hyper.get("betas").get(1).asDouble();
        double epsilon = hyper.get("adam_eps").asDouble();
        var groups = new ParameterGroups(
                hyper.get("patch_embed_lr_mult").asDouble(),
                hyper.get("layernorm_wd_mult").asDouble(),
                0);
        return new StepConfig(
                vit,
                StepConfig.ObjectiveConfig.CAPI,
                clustering,
                new DepthConfig(DepthKind.EFFICIENT, hyper.get("drop_path").asDouble()),
                new AdamW(beta1, beta2, epsilon, groups),
                new AdamW(beta1, beta2, epsilon, ParameterGroups.UNIFORM),
                new BatchShape(
                        images,
                        golden.array("images").size(2),
                        golden.array("images").size(3),
                        golden.array("visible_indices").size(1) / whole,
                        golden.array("predict_indices").size(1) / whole),
                plan,
                new CollapseWindow(10),
                0);
    }

    @Override
    public void close() {
        graph.close();
    }
}
