package org.capi.graph.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.capi.golden.GoldenAssertions.assertGolden;
import static org.capi.golden.GoldenAssertions.assertWithin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
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
import org.capi.graph.clustering.Samples;
import org.capi.graph.optim.AdamW;
import org.capi.graph.optim.GoldenSchedules;
import org.capi.graph.optim.ParameterGroups;
import org.capi.graph.optim.Schedule;
import org.capi.graph.pretrain.StepConfig.BatchShape;
import org.capi.graph.pretrain.StepConfig.DepthConfig;
import org.capi.graph.pretrain.StepConfig.DepthKind;
import org.capi.graph.vit.RegisterCoordinates;
import org.capi.graph.vit.VitConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/** The reference's own training run, step by step. */
class GoldenTrainTest {

    private final Golden golden = Golden.fixture("train");
    private final JsonNode hyper = golden.hyper();
    private final int steps = hyper.get("iters").asInt();
    private final TestGraph graph = new TestGraph();
    private final PretrainGraph step = PretrainGraph.create(graph.tf(), TFloat32.class, config(), Workers.ALONE);
    private final Schedule learningRate = GoldenSchedules.of(hyper.get("lr"), steps);
    private final Schedule clusteringRate = GoldenSchedules.of(hyper.get("clr"), steps);
    private final Schedule momentum = GoldenSchedules.of(hyper.get("mom"), steps);

    @AfterEach
    void close() {
        graph.close();
    }

    @Test
    void theFirstStepsTargetsAndGradientsAreTheReferences() {
        Map<String, Operand<TFloat32>> wanted = new LinkedHashMap<>();
        wanted.put("step0_targets", step.losses().targets());
        addGradients(wanted, step.losses().student(), step.student());
        addGradients(wanted, step.losses().clustering(), step.prototypes());
        load();
        float[][] values = run(0, new ArrayList<>(wanted.values()));
        int i = 0;
        for (String name : wanted.keySet()) {
            if (golden.has(name)) {
                assertGolden(golden, name, values[i]);
            }
            i++;
        }
    }

    @Test
    void everyLossAndTheFinalWeightsAreTheReferences() {
        List<Operand<TFloat32>> variables = new ArrayList<>();
        List<String> names = names();
        for (String name : names) {
            variables.add(graph.tf().readVariableOp(handle(name), TFloat32.class));
        }
        load();
        for (int i = 0; i < steps; i++) {
            assertRates(i);
            Metrics metrics = train(i);
            assertThat(metrics.updated()).isTrue();
            assertLoss("trace/capi_loss", i, metrics.studentLoss());
            assertLoss("trace/clustering_loss", i, metrics.clusteringLoss());
            assertLoss("trace/target_entropy", i, metrics.targetEntropy());
            if (golden.has("after" + (i + 1) + "/" + names.get(0))) {
                assertWeights("after" + (i + 1) + "/", names, run(i, variables));
            }
        }
    }

    private void assertWeights(String prefix, List<String> names, float[][] values) {
        int compared = 0;
        for (int i = 0; i < names.size(); i++) {
            String name = prefix + names.get(i);
            if (golden.has(name)) {
                double tolerance = 5 * golden.number(name, "f32_perturbed_1e-7_max_abs_diff")
                        + 0.01 * golden.number(name, "max_abs_change_from_init")
                        + 1e-7 * golden.number(name, "max_abs");
                assertWithin(golden.array(name).doubles(), values[i], tolerance, name);
                compared++;
            }
        }
        assertThat(compared)
                .as("arrays compared under " + prefix)
                .isEqualTo(golden.names(prefix).stream()
                        .filter(n -> golden.array(prefix + n).size() > 0)
                        .count());
    }

    private void assertLoss(String name, int i, double actual) {
        // Losses of such runs are reproducible to about 3e-6 absolute.
        double tolerance = golden.tolerance(name) + 3e-6;
        assertThat(actual)
                .as(name + " at step " + i)
                .isCloseTo(golden.array(name).doubles()[i], within(tolerance));
    }

    private void assertRates(int i) {
        assertThat(learningRate.at(i)).isCloseTo(golden.array("trace/lr").doubles()[i], within(1e-12));
        assertThat(clusteringRate.at(i)).isCloseTo(golden.array("trace/clr").doubles()[i], within(1e-12));
        assertThat(momentum.at(i)).isCloseTo(golden.array("trace/mom").doubles()[i], within(1e-12));
    }

    private void addGradients(Map<String, Operand<TFloat32>> wanted, Operand<?> loss, List<Parameter> parameters) {
        var gradients = graph.tf()
                .gradients(loss, parameters.stream().map(Parameter::value).toList());
        for (int i = 0; i < parameters.size(); i++) {
            wanted.put("step0_grads/" + parameters.get(i).name(), gradients.dy(i));
        }
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

    private void load() {
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

    private Metrics train(int i) {
        try (var fed = new Fed(i);
                var result = fed.runner()
                        .fetch(step.metrics())
                        .addTarget(step.update())
                        .run()) {
            return Metrics.of((TFloat64) result.get(0));
        }
    }

    private float[][] run(int i, List<Operand<TFloat32>> wanted) {
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
        private final TFloat64 rates;

        Fed(int i) {
            images = channelsLast(golden.array("images"));
            visible = row("visible_indices", i);
            predicted = row("predict_indices", i);
            number = TInt64.scalarOf(i);
            rates = TFloat64.vectorOf(
                    learningRate.at(i),
                    clusteringRate.at(i),
                    hyper.get("weight_decay").asDouble(),
                    hyper.get("clustering_weight_decay").asDouble(),
                    momentum.at(i));
        }

        Session.Runner runner() {
            Inputs inputs = step.inputs();
            return graph.session()
                    .runner()
                    .feed(inputs.normalized(), images)
                    .feed(inputs.visible(), visible)
                    .feed(inputs.predicted(), predicted)
                    .feed(inputs.step(), number)
                    .feed(inputs.rates(), rates);
        }

        private TInt64 row(String name, int i) {
            NpyArray array = golden.array(name);
            int width = array.size(1);
            return TInt64.vectorOf(Arrays.copyOfRange(array.longs(), i * width, (i + 1) * width));
        }

        @Override
        public void close() {
            List.of(images, visible, predicted, number, rates).forEach(Tensor::close);
        }
    }

    private static TFloat32 channelsLast(NpyArray images) {
        float[] values = images.floats();
        int batch = images.size(0);
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

    private StepConfig config() {
        int images = hyper.get("batch").asInt();
        var vit = new VitConfig(
                hyper.get("patch").asInt(),
                hyper.get("embed").asInt(),
                hyper.get("enc").asInt(),
                hyper.get("heads").asInt(),
                hyper.get("n_registers").asInt(),
                RegisterCoordinates.valueOf(
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
                hyper.get("positionwise_sk").asBoolean() ? Samples.POSITIONWISE : Samples.STANDARD,
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
                clustering,
                new DepthConfig(DepthKind.EFFICIENT, hyper.get("drop_path").asDouble()),
                new AdamW(beta1, beta2, epsilon, groups),
                new AdamW(beta1, beta2, epsilon, ParameterGroups.UNIFORM),
                new BatchShape(
                        images,
                        golden.array("images").size(2),
                        golden.array("images").size(3),
                        golden.array("visible_indices").size(1) / images,
                        golden.array("predict_indices").size(1) / images),
                0);
    }
}
