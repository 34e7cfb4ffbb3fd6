package org.capi.eval.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.capi.eval.probe.Heads.AttentiveHeads;
import org.capi.eval.probe.Heads.LinearHeads;
import org.capi.eval.probe.ProbeScores.Accuracy;
import org.capi.golden.Golden;
import org.capi.golden.GoldenAssertions;
import org.capi.golden.NpyArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

class GoldenHeadsTest {

    private final Golden golden = Golden.fixture("eval");
    private final Graph graph = new Graph();
    private final Session session = new Session(graph);
    private final Ops tf = Ops.create(graph);

    @BeforeAll
    static void requireFixture() {
        Assumptions.assumeTrue(Golden.hasFixture("eval"), "these golden numbers have no fixture eval");
    }

    @AfterEach
    void close() {
        session.close();
        graph.close();
    }

    @Test
    void aLinearHeadAndItsGradientsAreThoseOfTheReference() {
        String folder = "classif/linear/";
        var weight = head(folder + "weights/linear.weight");
        var bias = head(folder + "weights/linear.bias");
        var logits = new LinearHeads(weight, bias).logits(tf, whole(folder + "x"));
        check(folder, logits, List.of(weight, bias), List.of("linear.weight", "linear.bias"));
    }

    @Test
    void anAttentiveHeadAndItsGradientsAreThoseOfTheReference() {
        String folder = "classif/attnpool/";
        var query = head(folder + "weights/query_token");
        var keyWeight = half(folder + "weights/kv.weight", 0);
        var valueWeight = half(folder + "weights/kv.weight", 1);
        var keyBias = half(folder + "weights/kv.bias", 0);
        var valueBias = half(folder + "weights/kv.bias", 1);
        var weight = head(folder + "weights/linear.weight");
        var bias = head(folder + "weights/linear.bias");
        var logits = new AttentiveHeads(query, keyWeight, keyBias, valueWeight, valueBias, weight, bias)
                .logits(tf, whole(folder + "x"));
        check(
                folder,
                logits,
                List.of(query, keyWeight, valueWeight, keyBias, valueBias, weight, bias),
                List.of("query_token", "kv.weight", "kv.bias", "linear.weight", "linear.bias"));
    }

    @Test
    void anyOfTheAnnotatedClassesIsRight() {
        NpyArray predictions = golden.array("anymatch/preds");
        float[] values = predictions.floats();
        NpyArray targets = golden.array("anymatch/targets");
        float[] expected = golden.array("anymatch/accuracy").floats();
        int k = second(golden.text("anymatch/accuracy", "meaning"));
        int heads = predictions.size(0);
        int classes = predictions.size(1);
        int images = predictions.size(2);
        for (int head = 0; head < heads; head++) {
            int first = head * classes * images;
            var accuracy = new Accuracy();
            for (int image = 0; image < images; image++) {
                int place = first + image;
                int[] best = IntStream.range(0, classes)
                        .boxed()
                        .sorted(Comparator.comparingDouble(label -> -values[place + label * images]))
                        .limit(k)
                        .mapToInt(Integer::intValue)
                        .toArray();
                List<Integer> right = right(targets, image);
                if (!right.isEmpty()) {
                    accuracy.add(best, right);
                }
            }
            // The reference counts in float32.
            assertThat(accuracy.top1()).isCloseTo(expected[head], within(1e-6));
            assertThat(accuracy.top5()).isCloseTo(expected[heads + head], within(1e-6)); // of the first k here
        }
    }

    /** The k of the second row: "rows top-1, top-k". */
    private static int second(String meaning) {
        Matcher rows = Pattern.compile("top-1, top-(\\d+)").matcher(meaning);
        assertThat(rows.find()).as(meaning).isTrue();
        return Integer.parseInt(rows.group(1));
    }

    private static List<Integer> right(NpyArray targets, int image) {
        int width = targets.size(1);
        return Arrays.stream(targets.longs(), image * width, (image + 1) * width)
                .filter(label -> label >= 0)
                .mapToObj(label -> (int) label)
                .toList();
    }

    /** Logits, loss and gradients; what is one array in the reference and several here comes in order. */
    private void check(
            String folder, Operand<TFloat32> logits, List<Operand<TFloat32>> weights, List<String> gradients) {
        int classes = Math.toIntExact(logits.shape().get(2));
        int[] labels = Arrays.stream(golden.array("classif/targets").longs())
                .mapToInt(Math::toIntExact)
                .toArray();
        var targets = tf.oneHot(tf.constant(labels), tf.constant(classes), tf.constant(1f), tf.constant(0f));
        var loss = ProbeSession.crossEntropy(tf, logits, targets);
        close(folder + "out", Stream.of(logits));
        close(folder + "loss", Stream.of(loss));
        var all = tf.gradients(loss, weights);
        int next = 0;
        for (String name : gradients) {
            int parts = name.startsWith("kv.") ? 2 : 1;
            List<Operand<TFloat32>> pieces = new ArrayList<>();
            for (int i = 0; i < parts; i++) {
                pieces.add(all.dy(next++));
            }
            close(folder + "grads/" + name, pieces.stream());
        }
    }

    private void close(String name, Stream<Operand<TFloat32>> pieces) {
        List<float[]> computed = pieces.map(this::value).toList();
        float[] joined =
                new float[computed.stream().mapToInt(piece -> piece.length).sum()];
        int at = 0;
        for (float[] piece : computed) {
            System.arraycopy(piece, 0, joined, at, piece.length);
            at += piece.length;
        }
        GoldenAssertions.assertWithin(
                golden.array(name).doubles(), joined, Math.max(1e-5, golden.tolerance(name)), name);
    }

    private float[] value(Operand<TFloat32> operand) {
        try (var result = session.runner().fetch(operand).run()) {
            float[] values = new float[Math.toIntExact(result.get(0).shape().size())];
            result.get(0).asRawTensor().data().asFloats().read(values);
            return values;
        }
    }

    private Operand<TFloat32> whole(String name) {
        NpyArray array = golden.array(name);
        return constant(array.floats(), array.shape());
    }

    /** As the only head. */
    private Operand<TFloat32> head(String name) {
        NpyArray array = golden.array(name);
        return constant(array.floats(), withHead(array.shape()));
    }

    /** The upper or the lower half, as the only head. */
    private Operand<TFloat32> half(String name, int which) {
        NpyArray array = golden.array(name);
        float[] both = array.floats();
        long[] shape = array.shape();
        shape[0] /= 2;
        return constant(
                Arrays.copyOfRange(both, which * both.length / 2, (which + 1) * both.length / 2), withHead(shape));
    }

    private static long[] withHead(long[] shape) {
        return IntStream.rangeClosed(0, shape.length)
                .mapToLong(axis -> axis == 0 ? 1 : shape[axis - 1])
                .toArray();
    }

    private Operand<TFloat32> constant(float[] values, long[] shape) {
        return tf.constant(Shape.of(shape), DataBuffers.of(values, true, false));
    }
}
