package org.capi.savedmodels;

import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.capi.graph.vit.FrozenEncoder;
import org.capi.graph.vit.VitConfig;

/** The text {@code README.md} that tells people what a model is and how to call it. */
record ModelCard(ModelDescription description) {

    /** The fact under which the weights may be used; it is for whoever trained them to say. */
    private static final String LICENSE = "license";

    private static final String TITLE = """
            # A vision encoder pretrained with CAPI

            Cluster and Predict Latent Patches (Darcet et al., 2025, arXiv 2502.08769): self-supervised, frozen features for
            probes.

            | | |
            | --- | --- |
            """;

    private static final String SIGNATURES = """

            ## What it takes and gives

            - `serving_default`: `images`, float32 [batch, height, width, 3], RGB in [0, 1], sides multiples of PATCH.
            - `serving_bytes`: `image_bytes`, strings [batch], each a JPEG or PNG file of any size: its shorter side becomes SHORTER
              pixels (bicubic, antialiased), the central SIDE x SIDE are encoded. Orientation tags are not heeded; more than
              LIMIT pixels are refused.

            Normalisation is inside. Both give, in float32:

            - `global` [batch, GLOBAL]: one vector for the image, MEANING
            - `registers` [batch, REGISTERS, DIM]
            - `feature_map` [batch, height / PATCH, width / PATCH, DIM]: one vector for each patch
            LAYERS
            """;

    private static final String CALLS = """
            ## How to call it

            Python:

            ```python
            import tensorflow as tf

            model = tf.saved_model.load("MODEL")
            with open("photo.jpg", "rb") as photo:
                features = model.signatures["serving_bytes"](image_bytes=tf.constant([photo.read()]))
            features["global"], features["registers"], features["feature_map"]
            ```

            Java, with `org.capi:capi-savedmodels`:

            ```java
            try (VisionEncoder encoder = VisionEncoder.load(Path.of("MODEL"))) {
                Features features = encoder.encodeFiles(List.of(Files.readAllBytes(Path.of("photo.jpg"))));
                FloatNdArray vector = features.global();
            }
            ```

            TensorFlow Serving:

            ```
            docker run -p 8501:8501 -v "$PWD/MODEL:/models/capi/1" -e MODEL_NAME=capi tensorflow/serving
            printf '{"signature_name": "serving_bytes", "instances": [{"image_bytes": {"b64": "%s"}}]}' "$(base64 -w0 photo.jpg)" |
                curl -d @- http://localhost:8501/v1/models/capi:predict
            ```

            `sha256sum -c assets.extra/SHA256SUMS`, in the model's folder, tells whether the files are as they were written.
            """;

    Asset asset() {
        var text = new StringBuilder(TITLE);
        FrozenEncoder.Config model = description.model();
        row(text, "parameters", String.format(Locale.ROOT, "%,d", description.parameters()));
        row(text, "patch size", model.patchSize() + " x " + model.patchSize() + " pixels");
        row(text, "encoder", model.depth() + " blocks, width " + model.dim() + ", " + model.heads() + " heads");
        row(text, "registers", String.valueOf(model.registers()));
        if (model instanceof VitConfig published) {
            row(text, "predictor", predictor(published));
        }
        var origin = new TreeMap<>(description.origin());
        origin.putIfAbsent(LICENSE, "not stated by whoever exported the model");
        origin.forEach((what, value) -> row(text, what.replace('_', ' '), value));
        text.append(signatures()).append(CALLS);
        return Asset.text("README.md", text.toString());
    }

    private String signatures() {
        FrozenEncoder.Config model = description.model();
        Serving serving = description.serving();
        String layers = serving.layers().stream()
                .map(layer -> "- `" + Serving.output(layer) + "`: likewise, after " + layer + " of the " + model.depth()
                        + " blocks\n")
                .collect(Collectors.joining());
        return SIGNATURES
                .replace("LIMIT", String.format(Locale.ROOT, "%,d", EncodedImages.MOST_PIXELS))
                .replace("PATCH", String.valueOf(model.patchSize()))
                .replace("SHORTER", String.valueOf(new EncodedImages(serving.imageSize()).shorterSide()))
                .replace("SIDE", String.valueOf(serving.imageSize()))
                .replace("GLOBAL", String.valueOf(model.globalDim()))
                .replace("MEANING", model.globalMeaning())
                .replace("REGISTERS", String.valueOf(model.registers()))
                .replace("DIM", String.valueOf(model.dim()))
                .replace("LAYERS\n", layers);
    }

    private static String predictor(VitConfig model) {
        String blocks = model.predictorDepth() + " blocks, width " + model.predictorDim();
        return switch (model.predictor()) {
            case CROSS_ATTENTION -> blocks + ", cross-attention";
            case SELF_ATTENTION -> blocks + ", self-attention";
            case FUSED -> "the encoder itself";
        };
    }

    private static void row(StringBuilder text, String what, String value) {
        text.append("| ").append(what).append(" | ").append(value).append(" |\n");
    }
}
