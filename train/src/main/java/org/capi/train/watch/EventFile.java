package org.capi.train.watch;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.summary.SummaryWriter;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.Summary;
import org.tensorflow.types.TString;

/**
 * A file of events that TensorBoard shows, written by TensorFlow's own summary writer in a small session of its own.
 *
 * <p>Every process that goes on with a run begins another file in the same folder, with a mark from which TensorBoard
 * takes what older files say of later steps as undone.
 */
public final class EventFile implements AutoCloseable {

    /** What the names of all that comes of evaluations begin with. */
    static final String EVALUATIONS = "evals/";

    private static final int QUEUE = 1000;
    private static final int FLUSH_MILLIS = 30_000;

    private final Graph graph = new Graph();
    private final Session session;
    private final Operand<TString> event;
    private final Op write;
    private final Op flush;
    private final Op end;

    private EventFile(Path folder) {
        Ops tf = Ops.create(graph);
        SummaryWriter writer = tf.summary.summaryWriter();
        Op create = tf.summary.createSummaryFileWriter(
                writer,
                tf.constant(folder.toAbsolutePath().toString()),
                tf.constant(QUEUE),
                tf.constant(FLUSH_MILLIS),
                tf.constant(".capi"));
        event = tf.placeholder(TString.class, Placeholder.shape(Shape.scalar()));
        write = tf.summary.importEvent(writer, event);
        flush = tf.summary.flushSummaryWriter(writer);
        end = tf.summary.closeSummaryWriter(writer);
        session = new Session(
                graph, ConfigProto.newBuilder().putDeviceCount("GPU", 0).build());
        session.runner().addTarget(create).run().close();
    }

    /** Begins a file; what others in the folder say of steps after this one is void. */
    public static EventFile after(long step, Path folder) throws IOException {
        Files.createDirectories(folder);
        var file = new EventFile(folder);
        if (step > 0) {
            file.add(event(step + 1).setSessionLog(SessionLog.newBuilder().setStatus(SessionLog.SessionStatus.START)));
        }
        return file;
    }

    /** Adds numbers by their names. */
    public void numbers(long step, Map<String, Double> numbers) {
        var summary = Summary.newBuilder();
        numbers.forEach((name, value) ->
                summary.addValue(Summary.Value.newBuilder().setTag(name).setSimpleValue(value.floatValue())));
        add(event(step).setSummary(summary));
    }

    /** Adds how unequally the prototypes are used, of the shares that they get. */
    public void use(long step, float[] shares) {
        add(event(step)
                .setSummary(Summary.newBuilder()
                        .addValue(Summary.Value.newBuilder()
                                .setTag("prototype_use")
                                .setHisto(UseHistogram.of(shares)))));
    }

    /** Adds a picture. */
    public void picture(long step, String name, byte[] png, int height, int width) {
        var image = Summary.Image.newBuilder()
                .setEncodedImageString(ByteString.copyFrom(png))
                .setHeight(height)
                .setWidth(width)
                .setColorspace(3);
        add(event(step)
                .setSummary(Summary.newBuilder()
                        .addValue(Summary.Value.newBuilder().setTag(name).setImage(image))));
    }

    /** Hands to the system what is still in memory. */
    public void flush() {
        session.runner().addTarget(flush).run().close();
    }

    @Override
    public void close() {
        try {
            session.runner().addTarget(end).run().close();
        } finally {
            session.close();
            graph.close();
        }
    }

    private static Event.Builder event(long step) {
        return Event.newBuilder().setWallTime(System.currentTimeMillis() / 1e3).setStep(step);
    }

    private void add(Event.Builder built) {
        try (TString bytes =
                TString.tensorOfBytes(NdArrays.scalarOfObject(built.build().toByteArray()))) {
            session.runner().feed(event, bytes).addTarget(write).run().close();
        }
    }
}
