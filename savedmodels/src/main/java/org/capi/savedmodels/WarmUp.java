package org.capi.savedmodels;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import javax.imageio.ImageIO;
import org.capi.savedmodels.SavedModelWriter.Asset;
import org.capi.savedmodels.SavedModelWriter.Signature;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Requests that TensorFlow Serving sends to a model before it takes others: a TFRecord file of {@code PredictionLog}
 * messages, of which TensorFlow Java has no classes.
 */
final class WarmUp {

    private static final String FILE = "tf_serving_warmup_requests";

    // Fields of tensorflow.serving.PredictionLog, PredictLog, PredictRequest and ModelSpec.
    private static final int PREDICT_LOG = 6;
    private static final int REQUEST = 1;
    private static final int MODEL_SPEC = 1;
    private static final int INPUTS = 2;
    private static final int SIGNATURE_NAME = 3;

    private WarmUp() {}

    /** One black image for each signature. */
    static Asset asset(int imageSize) throws IOException {
        var png = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(imageSize, imageSize, BufferedImage.TYPE_3BYTE_BGR), "png", png);
        // A single value stands for every element, as everywhere in TensorFlow.
        var black = tensor(DataType.DT_FLOAT, 1, imageSize, imageSize, 3).addFloatVal(0);
        var file = tensor(DataType.DT_STRING, 1).addStringVal(ByteString.copyFrom(png.toByteArray()));
        return new Asset(
                FILE,
                request(Signature.DEFAULT, VisionEncoder.IMAGES, black.build())
                        .concat(request(Signature.BYTES, VisionEncoder.IMAGE_BYTES, file.build())));
    }

    private static ByteString request(String signature, String input, TensorProto value) {
        ByteString spec = field(SIGNATURE_NAME, ByteString.copyFromUtf8(signature));
        ByteString entry = field(1, ByteString.copyFromUtf8(input)).concat(field(2, value.toByteString()));
        ByteString request = field(MODEL_SPEC, spec).concat(field(INPUTS, entry));
        return record(field(PREDICT_LOG, field(REQUEST, request)));
    }

    private static ByteString field(int number, ByteString value) {
        var field = UnknownFieldSet.Field.newBuilder().addLengthDelimited(value).build();
        return UnknownFieldSet.newBuilder().addField(number, field).build().toByteString();
    }

    private static TensorProto.Builder tensor(DataType type, int... sizes) {
        var shape = TensorShapeProto.newBuilder();
        for (int size : sizes) {
            shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
        }
        return TensorProto.newBuilder().setDtype(type).setTensorShape(shape);
    }

    /** A TFRecord: length, its checksum, the bytes, their checksum; little-endian. */
    private static ByteString record(ByteString data) {
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        length.putLong(0, data.size());
        ByteBuffer all = ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + data.size())
                .order(ByteOrder.LITTLE_ENDIAN);
        all.putLong(data.size()).putInt(maskedSum(length));
        all.put(data.asReadOnlyByteBuffer()).putInt(maskedSum(data.asReadOnlyByteBuffer()));
        return ByteString.copyFrom(all.flip());
    }

    private static int maskedSum(ByteBuffer bytes) {
        var sum = new CRC32C();
        sum.update(bytes);
        return Integer.rotateRight((int) sum.getValue(), 15) + 0xa282ead8;
    }
}
