package org.capi.eval.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Representation.FeatureShape;
import org.capi.golden.Golden;
import org.capi.golden.GoldenAssertions;
import org.capi.graph.Parameter;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

class GoldenProbeTest {

    private static final Map<String, Representation> SOURCES = Map.of(
            "cls", Representation.GLOBAL,
            "avg_patch", Representation.AVG_PATCH,
            "cls_avg_patch", Representation.BOTH,
            "patch", Representation.PATCHES);

    private final Golden golden = Golden.fixture("eval");

    @BeforeAll
    static void requireFixture() {
        Assumptions.assumeTrue(Golden.hasFixture("eval"), "these golden numbers have no fixture eval");
    }

    @Test
    void theScheduleIsThatOfTheReference() {
        JsonNode hyper = golden.hyper().get("probe");
        int steps = hyper.get("iters").asInt();
        var schedule = ProbeSettings.schedule(hyper.get("warmup").asInt(), steps);
        double[] expected = golden.array("probe/lr_factor").doubles();
        for (int step = 0; step < steps; step++) {
            assertThat(schedule.at(step)).isCloseTo(expected[step], within(1e-12));
        }
    }

    @Test
    void theImagesToChooseByAreThoseOfTheReference() {
        long[] train = golden.array("probe/split_train").longs();
        long[] validation = golden.array("probe/split_val").longs();
        int[] order = NumpyPermutation.of(train.length + validation.length, 42);
        assertThat(Arrays.stream(order, 0, train.length).asLongStream().toArray())
                .isEqualTo(train);
        assertThat(Arrays.stream(order, train.length, order.length)
                        .asLongStream()
                        .sorted()
                        .toArray())
                .isEqualTo(Arrays.stream(validation).sorted().toArray());
    }

    @Test
    void aWholeTrainingOfSixteenProbesIsThatOfTheReference() {
        try (ProbeSession session = session()) {
            set(session, "probe/init/");
            JsonNode hyper = golden.hyper().get("probe");
            var schedule = ProbeSettings.schedule(
                    hyper.get("warmup").asInt(), hyper.get("iters").asInt());
            double[] losses = golden.array("probe/loss").doubles();
            long[] ids = golden.array("probe/train_image_ids").longs();
            int batch = hyper.get("batch").asInt();
            for (int step = 0; step < losses.length; step++) {
                long[] rows = Arrays.copyOfRange(ids, step * batch, (step + 1) * batch);
                double factor = schedule.at(step) * batch / 256;
                float loss = session.step(features(rows), labels(rows), factor, step);
                double tolerance = Math.max(1e-5, golden.tolerance("probe/loss"));
                assertThat((double) loss).as("loss of step " + step).isCloseTo(losses[step], within(tolerance));
            }
            assertFinal(session);
            var expected = expectedValidation();
            var accuracies = validation(session);
            assertThat(accuracies.keySet()).isEqualTo(expected.keySet());
            // The reference counts in float32.
            expected.forEach((representation, values) -> assertThat(accuracies.get(representation))
                    .as(representation)
                    .usingElementComparator((a, b) -> Math.abs(a - b) <= 1e-6 ? 0 : Double.compare(a, b))
                    .isEqualTo(values));
        }
    }

    private ProbeSession session() {
        JsonNode hyper = golden.hyper().get("probe");
        int dim = hyper.get("dim").asInt();
        Map<Representation, FeatureShape> shapes = new LinkedHashMap<>();
        shapes.put(Representation.GLOBAL, new FeatureShape(1, 1, dim));
        shapes.put(Representation.AVG_PATCH, new FeatureShape(1, 1, dim));
        shapes.put(Representation.BOTH, new FeatureShape(1, 1, 2 * dim));
        shapes.put(
                Representation.PATCHES,
                new FeatureShape(hyper.get("ih").asInt(), hyper.get("iw").asInt(), dim));
        var grid = new ProbeSettings.Grid(numbers(hyper.get("lrs")), numbers(hyper.get("wds")));
        return new ProbeSession(shapes, hyper.get("classes").asInt(), grid, 0);
    }

    private void assertFinal(ProbeSession session) {
        for (Parameter parameter : session.parameters()) {
            float[] expected = stacked("probe/final/", parameter);
            float[] actual = value(session, parameter);
            double[] wide = new double[expected.length];
            for (int i = 0; i < wide.length; i++) {
                wide[i] = expected[i];
            }
            // The gradient of a key's bias is zero but for rounding, which Adam divides by its own size.
            double tolerance = parameter.name().endsWith("key.bias") ? 1e-3 : 1e-5;
            GoldenAssertions.assertWithin(wide, actual, tolerance, parameter.name());
        }
    }

    private void set(ProbeSession session, String prefix) {
        var runner = session.session().runner().addTarget(session.files().initialize());
        List<Tensor> fed = new ArrayList<>();
        for (Parameter parameter : session.parameters()) {
            TFloat32 values = tensor(parameter.shape(), stacked(prefix, parameter));
            fed.add(values);
            runner.feed(parameter.initial(), values);
        }
        runner.run().close();
        fed.forEach(Tensor::close);
    }

    /** What the reference has for each head of a parameter, one head after the other. */
    private float[] stacked(String prefix, Parameter parameter) {
        int dot = parameter.name().indexOf('.');
        String representation = parameter.name().substring(0, dot);
        String rest = parameter.name().substring(dot + 1);
        float[] all = new float[Math.toIntExact(parameter.shape().size())];
        int at = 0;
        for (JsonNode classifier : golden.hyper().get("probe").get("classifiers")) {
            if (String.valueOf(SOURCES.get(classifier.get(1).asText())).equals(representation)) {
                float[] one = one(prefix + classifier.get(0).asInt() + ".", rest);
                System.arraycopy(one, 0, all, at, one.length);
                at += one.length;
            }
        }
        assertThat(at).isEqualTo(all.length);
        return all;
    }

    private float[] one(String prefix, String name) {
        boolean key = name.startsWith("key.");
        if (key || name.startsWith("value.")) {
            float[] both = golden.array(prefix + "kv." + name.substring(name.indexOf('.') + 1))
                    .floats();
            int half = both.length / 2;
            return key ? Arrays.copyOf(both, half) : Arrays.copyOfRange(both, half, both.length);
        }
        boolean attentive = name.startsWith("linear.") || name.equals("query_token");
        return golden.array(prefix + (attentive ? name : "linear." + name)).floats();
    }

    private Function<Representation, TFloat32> features(long[] rows) {
        return representation -> {
            float[] map = golden.array("probe/feature_map").floats();
            float[] global = golden.array("probe/global_repr").floats();
            int dim = golden.hyper().get("probe").get("dim").asInt();
            int patches = map.length / global.length;
            float[] vectors = new float[rows.length * dim];
            float[] means = new float[rows.length * dim];
            float[] all = new float[rows.length * dim * patches];
            float[] both = new float[rows.length * dim * 2];
            for (int i = 0; i < rows.length; i++) {
                int row = (int) rows[i];
                System.arraycopy(global, row * dim, vectors, i * dim, dim);
                System.arraycopy(map, row * dim * patches, all, i * dim * patches, dim * patches);
                for (int d = 0; d < dim; d++) {
                    double sum = 0;
                    for (int patch = 0; patch < patches; patch++) {
                        sum += map[(row * patches + patch) * dim + d];
                    }
                    means[i * dim + d] = (float) (sum / patches);
                }
                System.arraycopy(vectors, i * dim, both, 2 * i * dim, dim);
                System.arraycopy(means, i * dim, both, (2 * i + 1) * dim, dim);
            }
            return switch (representation) {
                case GLOBAL -> tensor(Shape.of(rows.length, dim), vectors);
                case AVG_PATCH -> tensor(Shape.of(rows.length, dim), means);
                case BOTH -> tensor(Shape.of(rows.length, 2L * dim), both);
                case PATCHES -> tensor(Shape.of(rows.length, patches, dim), all);
                case REGISTERS -> throw new IllegalStateException("not in the fixture");
            };
        };
    }

    private int[] labels(long[] rows) {
        long[] labels = golden.array("probe/labels").longs();
        return Arrays.stream(rows).mapToInt(row -> (int) labels[(int) row]).toArray();
    }

    private Map<String, List<Double>> validation(ProbeSession session) {
        long[] rows = golden.array("probe/split_val").longs();
        int[] labels = labels(rows);
        Map<String, List<Double>> all = new LinkedHashMap<>();
        session.best(features(rows)).forEach((representation, best) -> {
            List<Double> accuracies = new ArrayList<>();
            for (int[][] head : best) {
                int right = 0;
                for (int i = 0; i < labels.length; i++) {
                    right += head[i][0] == labels[i] ? 1 : 0;
                }
                accuracies.add((double) right / labels.length);
            }
            all.put(representation.toString(), accuracies);
        });
        return all;
    }

    private Map<String, List<Double>> expectedValidation() {
        Map<String, List<Double>> all = new LinkedHashMap<>();
        for (JsonNode evaluation : golden.hyper().get("probe").get("evaluations")) {
            if (evaluation.get("split").asText().equals("val")) {
                for (JsonNode row : evaluation.get("rows")) {
                    all.computeIfAbsent(String.valueOf(SOURCES.get(row.get(0).asText())), name -> new ArrayList<>())
                            .add(row.get(3).asDouble());
                }
            }
        }
        return all;
    }

    private static float[] value(ProbeSession session, Parameter parameter) {
        try (var result = session.session().runner().fetch(parameter.value()).run()) {
            float[] values = new float[Math.toIntExact(parameter.shape().size())];
            ((TFloat32) result.get(0)).asRawTensor().data().asFloats().read(values);
            return values;
        }
    }

    private static List<Double> numbers(JsonNode list) {
        List<Double> numbers = new ArrayList<>();
        list.forEach(number -> numbers.add(number.asDouble()));
        return numbers;
    }

    private static TFloat32 tensor(Shape shape, float[] values) {
        return TFloat32.tensorOf(shape, DataBuffers.of(values, true, false));
    }
}
