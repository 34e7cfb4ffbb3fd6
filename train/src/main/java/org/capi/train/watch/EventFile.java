package org.capi.train.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.capi.train.run.RunFolder;
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
import org.tensorflow.proto.HistogramProto;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.Summary;
import org.tensorflow.types.TString;

/**
 * A file of events for TensorBoard, written by TensorFlow's own summary writer in a small session of its own.
 *
 * <p>Every process that continues a run starts another file in the same folder, with a mark by which TensorBoard
 * discards later steps of the older files.
 */
public final class EventFile implements AutoCloseable {

    /** The names of all results of evaluations start with this. */
    static final String EVALUATIONS = "evals/";

    private static final int QUEUE = 1000;
    private static final int FLUSH_MILLIS = 30_000;
    private static final int MAX_EVENT_BYTES = 1 << 28;
    private static final int OCTAVES = 12;
    private static final int PER_OCTAVE = 4;

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

    /** Starts a file; the others in the folder are void after this step. */
    public static EventFile after(long step, Path folder) throws IOException {
        Files.createDirectories(folder);
        var file = new EventFile(folder);
        if (step > 0) {
            file.add(event(step + 1).setSessionLog(SessionLog.newBuilder().setStatus(SessionLog.SessionStatus.START)));
        }
        return file;
    }

    public void numbers(long step, Map<String, Double> numbers) {
        var summary = Summary.newBuilder();
        numbers.forEach((name, value) ->
                summary.addValue(Summary.Value.newBuilder().setTag(name).setSimpleValue(value.floatValue())));
        add(event(step).setSummary(summary));
    }

    public void use(long step, float[] shares) {
        add(step, Summary.Value.newBuilder().setTag("prototype_use").setHisto(histogram(shares)));
    }

    public void picture(long step, String name, byte[] png, int height, int width) {
        var image = Summary.Image.newBuilder()
                .setEncodedImageString(ByteString.copyFrom(png))
                .setHeight(height)
                .setWidth(width)
                .setColorspace(3);
        add(step, Summary.Value.newBuilder().setTag(name).setImage(image));
    }

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

    private void add(long step, Summary.Value.Builder value) {
        add(event(step).setSummary(Summary.newBuilder().addValue(value)));
    }

    private void add(Event.Builder built) {
        try (TString bytes =
                TString.tensorOfBytes(NdArrays.scalarOfObject(built.build().toByteArray()))) {
            session.runner().feed(event, bytes).addTarget(write).run().close();
        }
    }

    /**
     * How unequally the prototypes are used: for each its share of the assignments times the number of prototypes, 1
     * where all are used alike, counted in buckets that grow by a quarter of an octave.
     */
    static HistogramProto histogram(float[] shares) {
        double[] limits = limits();
        double[] counts = new double[limits.length];
        double min = Double.POSITIVE_INFINITY;
        double max = 0;
        double sum = 0;
        double squares = 0;
        for (float share : shares) {
            double use = (double) share * shares.length;
            int bucket = 0;
            while (use > limits[bucket]) {
                bucket++;
            }
            counts[bucket]++;
            min = Math.min(min, use);
            max = Math.max(max, use);
            sum += use;
            squares += use * use;
        }
        var histogram = HistogramProto.newBuilder()
                .setMin(min)
                .setMax(max)
                .setNum(shares.length)
                .setSum(sum)
                .setSumSquares(squares);
        for (int i = 0; i < limits.length; i++) {
            histogram.addBucketLimit(limits[i]).addBucket(counts[i]);
        }
        return histogram.build();
    }

    private static double[] limits() {
        double[] limits = new double[2 * OCTAVES * PER_OCTAVE + 2];
        for (int i = 0; i < limits.length - 1; i++) {
            limits[i] = Math.pow(2, (double) i / PER_OCTAVE - OCTAVES);
        }
        limits[limits.length - 1] = Double.MAX_VALUE;
        return limits;
    }

    /**
     * The evaluations that earlier processes of a run wrote into the event files of a folder, each as {@code step tag};
     * a file that a crash tore is read as far as it is whole.
     */
    static Set<String> evaluations(Path folder) throws IOException {
        Set<String> found = new HashSet<>();
        for (Path file : RunFolder.entries(folder)) {
            if (Files.isRegularFile(file)) {
                addEvaluations(file, found);
            }
        }
        return found;
    }

    /** A record is a length, its checksum, the event and its checksum. */
    private static void addEvaluations(Path file, Set<String> found) throws IOException {
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            while (true) {
                long length = Long.reverseBytes(in.readLong());
                in.readInt();
                if (length < 0 || length > MAX_EVENT_BYTES) {
                    return;
                }
                byte[] bytes = in.readNBytes(Math.toIntExact(length));
                in.readInt();
                Event event = Event.parseFrom(bytes);
                for (Summary.Value value : event.getSummary().getValueList()) {
                    if (value.getTag().startsWith(EVALUATIONS)) {
                        found.add(event.getStep() + " " + value.getTag());
                    }
                }
            }
        } catch (EOFException | InvalidProtocolBufferException e) {
            return; // the end, or the place where the file was torn
        }
    }
}
