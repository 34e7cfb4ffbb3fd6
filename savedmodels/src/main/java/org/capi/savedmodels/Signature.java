package org.capi.savedmodels;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.family.TType;

/**
 * A function of a SavedModel: tensors of its graph under the names that callers use.
 *
 * @param name such as {@code serving_default}
 */
public record Signature(String name, List<Named> inputs, List<Named> outputs) {

    /** The signature that callers get who ask for none. */
    public static final String DEFAULT = "serving_default";

    /** The signature that takes encoded images. */
    public static final String BYTES = "serving_bytes";

    private static final String METHOD = "tensorflow/serving/predict";

    public Signature {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        refuseTwins(name, inputs);
        refuseTwins(name, outputs);
    }

    /** A tensor under a caller's name. */
    public record Named(String name, Operand<? extends TType> tensor) {

        TensorInfo toProto() {
            var output = tensor.asOutput();
            return TensorInfo.newBuilder()
                    .setName(output.op().name() + ":" + output.index())
                    .setDtype(output.dataType())
                    .setTensorShape(shape(output.shape()))
                    .build();
        }
    }

    SignatureDef toProto() {
        var proto = SignatureDef.newBuilder().setMethodName(METHOD);
        inputs.forEach(input -> proto.putInputs(input.name, input.toProto()));
        outputs.forEach(output -> proto.putOutputs(output.name, output.toProto()));
        return proto.build();
    }

    private static TensorShapeProto shape(Shape shape) {
        if (shape.isUnknown()) {
            return TensorShapeProto.newBuilder().setUnknownRank(true).build();
        }
        List<TensorShapeProto.Dim> sizes = new ArrayList<>();
        for (long size : shape.asArray()) {
            sizes.add(TensorShapeProto.Dim.newBuilder().setSize(size).build());
        }
        return TensorShapeProto.newBuilder().addAllDim(sizes).build();
    }

    private static void refuseTwins(String signature, List<Named> tensors) {
        Set<String> names = tensors.stream().map(Named::name).collect(Collectors.toCollection(TreeSet::new));
        if (names.size() != tensors.size()) {
            throw new IllegalArgumentException("two tensors of the signature " + signature + " share a name: " + names);
        }
    }
}
