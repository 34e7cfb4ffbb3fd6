package org.capi.savedmodels;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import javax.imageio.ImageIO;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * Requests that TensorFlow Serving sends to a model before it takes others: a TFRecord file of {@code PredictionLog}
 * messages, of which TensorFlow Java has no classes.
 */
record WarmUp(int imageSize) {

    private static final String FILE = "tf_serving_warmup_requests";

    // Fields of tensorflow.serving.PredictionLog, PredictLog, PredictRequest and ModelSpec.
    private static final int PREDICT_LOG = 6;
    private static final int REQUEST = 1;
    private static final int MODEL_SPEC = 1;
    private static final int INPUTS = 2;
    private static final int SIGNATURE_NAME = 3;

    /** One black image for each signature. */
    Asset asset() throws IOException {
        var records = ByteString.newOutput();
        request(Signature.DEFAULT, VisionEncoder.IMAGES, black()).writeTo(records);
        request(Signature.BYTES, VisionEncoder.IMAGE_BYTES, blackPng()).writeTo(records);
        return new Asset(FILE, records.toByteString());
    }

    private static ByteString request(String signature, String input, TensorProto value) throws IOException {
        ByteString spec = message(out -> out.writeString(SIGNATURE_NAME, signature));
        ByteString entry = message(out -> {
            out.writeString(1, input);
            out.writeMessage(2, value);
        });
        ByteString request = message(out -> {
            out.writeBytes(MODEL_SPEC, spec);
            out.writeBytes(INPUTS, entry);
        });
        ByteString log = message(out -> out.writeBytes(REQUEST, request));
        return record(message(out -> out.writeBytes(PREDICT_LOG, log)));
    }

    /** The single value stands for every element, as everywhere in TensorFlow. */
    private TensorProto black() {
        return TensorProto.newBuilder()
                .setDtype(DataType.DT_FLOAT)
                .setTensorShape(shape(1, imageSize, imageSize, 3))
                .addFloatVal(0)
                .build();
    }

    private TensorProto blackPng() throws IOException {
        var image = new BufferedImage(imageSize, imageSize, BufferedImage.TYPE_3BYTE_BGR);
        var png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return TensorProto.newBuilder()
                .setDtype(DataType.DT_STRING)
                .setTensorShape(shape(1))
                .addStringVal(ByteString.copyFrom(png.toByteArray()))
                .build();
    }

    private static TensorShapeProto shape(int... sizes) {
        var shape = TensorShapeProto.newBuilder();
        for (int size : sizes) {
            shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
        }
        return shape.build();
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

    private static ByteString message(Fields fields) throws IOException {
        var bytes = ByteString.newOutput();
        var out = CodedOutputStream.newInstance(bytes);
        fields.write(out);
        out.flush();
        return bytes.toByteString();
    }

    /** The fields of a message. */
    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }
}
