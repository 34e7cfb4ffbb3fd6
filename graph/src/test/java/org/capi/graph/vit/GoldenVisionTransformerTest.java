package org.capi.graph.vit;

import static org.capi.golden.GoldenAssertions.assertGolden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import org.capi.golden.Golden;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.TestGraph;
import org.capi.graph.layer.StochasticDepth;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

class GoldenVisionTransformerTest {

    private final Golden golden = Golden.fixture("encoder_decoder");
    private final TestGraph graph = new TestGraph();
    private final Ops tf = graph.tf();

    @AfterEach
    void close() {
        graph.close();
    }

    @Test
    void everyRunIsTheReferences() {
        var params = Parameters.create(tf, TFloat32.class, 0);
        var vit = load(params, config());
        for (JsonNode run : golden.hyper().get("runs")) {
            String dir = run.get("dir").asText();
            Operand<TFloat32> image = image(run.get("image").asText());
            if (golden.has(dir + "visible_indices")) {
                comparePretraining(dir, vit, image, params.list());
            } else {
                compareFeatures(dir, vit, image);
            }
        }
    }

    @Test
    void theTeachersPatchesAreTheReferences() {
        var vit = load(Parameters.create(tf, TFloat32.class, 0), config());
        assertGolden(
                golden,
                "misc/teacher_patches",
                graph.value(vit.encoder().patches(tf, vit.encoder().states(tf, image("image_sq")))));
    }

    @Test
    void anEarlierLayerIsNormedToo() {
        var vit = load(Parameters.create(tf, TFloat32.class, 0), config());
        for (String name : golden.names("misc/outlayer_")) {
            // m2_feature_map: layer -2, counted from the end of depth + 1 layers.
            String layer = name.replace("_feature_map", "");
            int layers = layer.startsWith("m")
                    ? config().depth() + 1 - Integer.parseInt(layer.substring(1))
                    : Integer.parseInt(layer);
            var features = vit.features(tf, image("image_sq"), List.of(layers));
            assertGolden(
                    golden,
                    "misc/outlayer_" + name,
                    graph.value(features.layers().get(0)));
        }
    }

    @Test
    void registersCanAllStartFromTheCorner() {
        var vit = load(Parameters.create(tf, TFloat32.class, 0), with(config(), Registers.Coordinates.ZEROS, true));
        Operand<TFloat32> image = image("image_nsq");
        assertGolden(
                golden,
                "misc/zeros_coords",
                graph.value(everyImage(vit.encoder().tokens(tf, image).coords(), image)));
        assertGolden(
                golden,
                "misc/zeros_registers",
                graph.value(vit.features(tf, image).registers()));
    }

    @Test
    void registersCanIgnoreWhatIsVisible() {
        var vit = load(Parameters.create(tf, TFloat32.class, 0), with(config(), config().registerCoordinates(), false));
        var visible = positions(pretrainingOf("image_sq") + "visible_indices");
        var out = vit.predict(tf, image("image_sq"), visible, visible, StochasticDepth.NONE);
        assertGolden(golden, "misc/noscale_enc_out", graph.value(out.visible()));
    }

    @Test
    void theBorderIsWalkedAsInTheReference() {
        for (String suffix : golden.names("misc/edge_coords")) {
            String name = "misc/edge_coords" + suffix;
            int registers = golden.array(name).size(1);
            float[] flat = new float[2 * registers];
            float[][] places = Registers.Coordinates.EDGE.of(registers);
            for (int i = 0; i < registers; i++) {
                flat[2 * i] = places[i][0];
                flat[2 * i + 1] = places[i][1];
            }
            assertGolden(golden, name, flat);
        }
    }

    /** The run that sees a part of these images. */
    private String pretrainingOf(String image) {
        for (JsonNode run : golden.hyper().get("runs")) {
            String dir = run.get("dir").asText();
            if (run.get("image").asText().equals(image) && golden.has(dir + "visible_indices")) {
                return dir;
            }
        }
        throw new IllegalStateException("no run of these golden numbers sees a part of " + image);
    }

    private void compareFeatures(String dir, VisionTransformer<TFloat32> vit, Operand<TFloat32> image) {
        var features = vit.features(tf, image);
        var tokens = vit.encoder().tokens(tf, image);
        assertGolden(golden, dir + "tokens", graph.value(tokens.values()));
        assertGolden(golden, dir + "coords", graph.value(everyImage(tokens.coords(), image)));
        assertGolden(golden, dir + "global_repr", graph.value(features.global()));
        assertGolden(golden, dir + "registers", graph.value(features.registers()));
        assertGolden(golden, dir + "feature_map", graph.value(features.featureMap()));
    }

    private void comparePretraining(
            String dir, VisionTransformer<TFloat32> vit, Operand<TFloat32> image, List<Parameter> params) {
        var visible = positions(dir + "visible_indices");
        var out = vit.predict(tf, image, visible, positions(dir + "predict_indices"), StochasticDepth.NONE);
        assertGolden(golden, dir + "enc_out", graph.value(out.visible()));
        assertGolden(golden, dir + "dec_out", graph.value(out.predictions()));
        if (!golden.has(dir + "upstream_enc")) {
            return;
        }
        var visibleSum = sum(out.visible(), dir + "upstream_enc");
        var predictedSum = sum(out.predictions(), dir + "upstream_dec");
        var gradients = tf.gradients(
                tf.math.add(visibleSum, predictedSum),
                params.stream().map(Parameter::value).toList());
        for (int i = 0; i < params.size(); i++) {
            String name = dir + "grads/" + params.get(i).name();
            if (golden.has(name)) {
                assertGolden(golden, name, graph.value(gradients.dy(i)));
            }
        }
    }

    private Operand<TFloat32> sum(Operand<TFloat32> x, String upstream) {
        var product = tf.math.mul(x, graph.constant(golden.array(upstream)));
        return tf.reduceSum(tf.reshape(product, tf.constant(new int[] {-1})), tf.constant(0));
    }

    private VisionTransformer<TFloat32> load(Parameters<TFloat32> params, VitConfig config) {
        var vit = VisionTransformer.create(params, config);
        graph.load(golden, "weights/", params.list());
        return vit;
    }

    private Operand<TInt64> positions(String name) {
        return graph.positions(golden.array(name));
    }

    /** {@code [batch, 3, height, width] -> [batch, height, width, 3]}. */
    private Operand<TFloat32> image(String name) {
        return tf.linalg.transpose(graph.constant(golden.array(name)), tf.constant(new int[] {0, 2, 3, 1}));
    }

    private VitConfig config() {
        JsonNode hyper = golden.hyper();
        int dim = hyper.get("embed_dim").asInt();
        return new VitConfig(
                hyper.get("patch_size").asInt(),
                dim,
                hyper.get("enc").asInt(),
                hyper.get("heads").asInt(),
                hyper.get("n_registers").asInt(),
                Registers.Coordinates.valueOf(
                        hyper.get("register_coordinates").asText().toUpperCase(Locale.ROOT)),
                hyper.get("scale_reg_to_visible").asBoolean(),
                golden.array("weights/mask_token").size(1),
                hyper.get("dec").asInt());
    }

    private static VitConfig with(VitConfig config, Registers.Coordinates coordinates, boolean scaled) {
        return new VitConfig(
                config.patchSize(),
                config.dim(),
                config.depth(),
                config.heads(),
                config.registers(),
                coordinates,
                scaled,
                config.predictorDim(),
                config.predictorDepth());
    }

    /**
     * Coordinates for the whole batch {@code [1, tokens, 2]} as those of each of its images {@code [batch, tokens, 2]}.
     */
    private Operand<TFloat32> everyImage(Operand<TFloat32> where, Operand<TFloat32> images) {
        var shape = where.shape();
        return tf.broadcastTo(where, tf.constant(new long[] {images.shape().get(0), shape.get(1), shape.get(2)}));
    }
}
