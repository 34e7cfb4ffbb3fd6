package org.capi.savedmodels;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.vit.FrozenEncoder;
import org.capi.graph.vit.Normalization;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** The functions that callers of an exported encoder see, over one set of weights. */
record ServingGraph(Graph graph, Ops tf, Encoder encoder, Serving serving) {

    /** An encoder and what its pixels are brought to. */
    record Encoder(FrozenEncoder<TFloat32> model, Normalization normalization) {}

    List<Signature> signatures() {
        return List.of(ofImages(), ofBytes());
    }

    private Signature ofImages() {
        var images = tf.withName(VisionEncoder.IMAGES)
                .placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, -1, -1, 3)));
        return new Signature(
                Signature.DEFAULT,
                List.of(new Signature.Named(VisionEncoder.IMAGES, images)),
                outputs(tf.withSubScope(Signature.DEFAULT), images));
    }

    private Signature ofBytes() {
        var files = tf.withName(VisionEncoder.IMAGE_BYTES).placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
        var scope = tf.withSubScope(Signature.BYTES);
        var images = new EncodedImages(serving.imageSize()).read(graph, scope, files);
        return new Signature(
                Signature.BYTES,
                List.of(new Signature.Named(VisionEncoder.IMAGE_BYTES, files)),
                outputs(scope, images));
    }

    private List<Signature.Named> outputs(Ops scope, Operand<TFloat32> images) {
        var features = encoder.model.features(scope, encoder.normalization.apply(scope, images), serving.layers());
        List<Signature.Named> outputs = new ArrayList<>();
        outputs.add(new Signature.Named(VisionEncoder.GLOBAL, features.global()));
        outputs.add(new Signature.Named(VisionEncoder.REGISTERS, features.registers()));
        outputs.add(new Signature.Named(VisionEncoder.FEATURE_MAP, features.featureMap()));
        for (int i = 0; i < serving.layers().size(); i++) {
            String name = Serving.output(serving.layers().get(i));
            outputs.add(new Signature.Named(name, features.layers().get(i)));
        }
        return outputs;
    }
}
