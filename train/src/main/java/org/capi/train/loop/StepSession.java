package org.capi.train.loop;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.CounterRandom;
import org.capi.data.batch.Batch;
import org.capi.graph.CollectiveWorkers;
import org.capi.graph.CollectiveWorkers.Settings;
import org.capi.graph.Parameter;
import org.capi.graph.VariableFile.Variable;
import org.capi.graph.Workers;
import org.capi.graph.pretrain.CompiledStep;
import org.capi.graph.pretrain.StepConfig;
import org.capi.graph.pretrain.StepConfig.BatchShape;
import org.capi.graph.pretrain.StepInputs;
import org.capi.graph.pretrain.StepInputs.Drops;
import org.capi.graph.pretrain.StepStatistics;
import org.capi.graph.pretrain.TrainStep;
import org.capi.savedmodels.weights.NamedTensors;
import org.capi.train.config.PretrainConfig.AttentionKind;
import org.capi.train.config.PretrainConfig.Compute;
import org.capi.train.config.PretrainConfig.ComputeType;
import org.capi.train.config.PretrainConfig.DeviceChoice;
import org.capi.train.config.PretrainConfig.Xla;
import org.capi.train.workers.Cluster;
import org.capi.train.workers.WorkerPlan;
import org.capi.train.workers.WorkerServer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.OptimizerOptions.GlobalJitLevel;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.proto.StepStats;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;

/** The step graph in a session: the state of a pretraining, and the ways to change it. */
public final class StepSession implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(StepSession.class);

    private static final String BACKBONE = "student.backbone.";
    private static final String FROZEN = "frozen.backbone.";

    /** The random stream of stochastic depth. */
    private static final long DROPS = 0x64726f7073L;

    private final Graph graph = new Graph();
    private final TrainStep step;
    private final Session session;
    private final Drops drops;
    private final long seed;
    private final Xla xla;
    private final boolean fusedAttention;
    private final DeviceChoice device;
    private final @Nullable WorkerServer server;
    private final @Nullable Operand<TInt64> checksums;

    /**
     * What a worker sends to the others in a step.
     *
     * @param signal the number of the signal by which it is to stop; 0 for none
     * @param waitedSeconds how long it waited for its batch
     */
    public record WorkerStatus(int signal, double waitedSeconds) {}

    /**
     * A step that all workers made together.
     *
     * @param measured over the whole batch
     * @param statuses of all workers, by rank
     */
    public record SharedStep(StepStatistics measured, List<WorkerStatus> statuses) {

        /** The signal that ends the run after this step, the same for all workers; 0 for none. */
        public int signal() {
            return statuses.stream()
                    .mapToInt(WorkerStatus::signal)
                    .filter(s -> s != 0)
                    .findFirst()
                    .orElse(0);
        }
    }

    private StepSession(
            StepConfig config, Compute compute, Xla xla, DeviceChoice device, @Nullable WorkerServer server) {
        this.xla = xla;
        fusedAttention = config.plan().fusedAttention();
        this.device = device;
        this.server = server;
        drops = Drops.of(config);
        seed = config.seed();
        step = switch (compute.type()) {
            case FLOAT32 -> build(TFloat32.class, config, compute);
            case BFLOAT16 -> build(TBfloat16.class, config, compute);
        };
        var settings = settings(compute, xla);
        checksums = server == null ? null : checksums(Ops.create(graph), step.variables());
        session = server == null ? new Session(graph, settings) : server.session(graph, settings);
    }

    private <T extends TFloating> TrainStep build(Class<T> type, StepConfig config, Compute compute) {
        if (xla == Xla.STEP) {
            return CompiledStep.create(graph, type, config);
        }
        boolean rounded = compute.gradientTransport() == ComputeType.BFLOAT16;
        Workers workers = server == null
                ? Workers.ALONE
                : new CollectiveWorkers(
                        server.cluster().workers(),
                        server.cluster().rank(),
                        new Settings(server.timeoutSeconds(), rounded, device == DeviceChoice.GPU));
        return TrainStep.create(Ops.create(graph), type, config, workers);
    }

    /** Two sums over the bits of each variable, {@code [variables, 2]}; they wrap around. */
    private static Operand<TInt64> checksums(Ops tf, List<Variable> variables) {
        List<Operand<TInt64>> sums = new ArrayList<>();
        for (Variable variable : variables) {
            var value = tf.reshape(tf.readVariableOp(variable.handle(), TFloat32.class), tf.constant(new long[] {-1}));
            var bits = tf.dtypes.cast(tf.bitcast(value, TInt32.class), TInt64.class);
            sums.add(tf.stack(
                    List.of(tf.reduceSum(bits, tf.constant(0)), tf.reduceSum(tf.math.square(bits), tf.constant(0)))));
        }
        return tf.stack(sums);
    }

    /**
     * Builds the graph; its variables have no values yet. A step that is one function is compiled here, and where that
     * fails the session has {@link Xla#AUTO} instead.
     */
    public static StepSession open(StepConfig config, Compute compute) {
        return open(config, compute, Cluster.ALONE);
    }

    /**
     * The same for one of several workers, whose server is started, and waits for those of the others.
     *
     * @param config of its part of the batch
     */
    public static StepSession open(StepConfig config, Compute compute, Cluster cluster) {
        if (compute.device() == DeviceChoice.GPU) {
            Devices.requireGpu();
        }
        DeviceChoice device = Devices.used(compute.device());
        StepConfig here = config.with(Devices.streams(device), compute.xla() != Xla.OFF);
        if (!cluster.isAlone()) {
            var server = WorkerServer.start(cluster, settings(compute, compute.xla()), compute.collectiveTimeout());
            return new StepSession(here, compute, compute.xla(), device, server);
        }
        if (compute.xla() != Xla.STEP) {
            return new StepSession(here, compute, compute.xla(), device, null);
        }
        if (compute.attention() == AttentionKind.AUTO
                && compute.type() == ComputeType.BFLOAT16
                && device == DeviceChoice.GPU) {
            String failure = Devices.fusedAttentionFailure();
            if (failure != null) {
                log.warn("cuDNN's fused attention does not work here, using compute.attention=plain: {}", failure);
            }
            here = here.withFusedAttention(failure == null);
        }
        StepSession whole = new StepSession(here, compute, Xla.STEP, device, null);
        log.info("compiling the step with XLA: this can take minutes");
        try {
            whole.compile(here.batch());
            return whole;
        } catch (TensorFlowException | IllegalArgumentException e) { // some of TensorFlow's own are of the second kind
            whole.close();
            if (compute.attention() == AttentionKind.FUSED) {
                throw new IllegalArgumentException(
                        "compute.attention must be plain on this machine, was fused: "
                                + firstLine(e)
                                + "; it needs an NVIDIA GPU of compute capability 8.0 or later with cuDNN 9",
                        e);
            }
            log.warn(
                    "compute.xla=step does not work here, using compute.xla=auto: the step does not compile as"
                            + " one function: {}",
                    firstLine(e));
            return new StepSession(here.withFusedAttention(false), compute, Xla.AUTO, device, null);
        }
    }

    private static String firstLine(RuntimeException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
    }

    private void compile(BatchShape shape) {
        initialize();
        try (Batch nothing = new Batch(
                TUint8.tensorOf(Shape.of(shape.images(), shape.height(), shape.width(), 3)),
                TInt64.tensorOf(Shape.of((long) shape.images() * shape.visible())),
                TInt64.tensorOf(Shape.of((long) shape.images() * shape.predicted())),
                0)) {
            step(nothing, new double[StepInputs.RATES]);
        }
    }

    public Xla xla() {
        return xla;
    }

    /** Whether attention is computed by cuDNN's fused kernels. */
    boolean fusedAttention() {
        return fusedAttention;
    }

    /** Where the steps are computed: {@code CPU} or {@code GPU}. */
    public DeviceChoice device() {
        return device;
    }

    public void initialize() {
        session.runner().addTarget(step.files().initialize()).run().close();
    }

    /**
     * The same, with given weights.
     *
     * @param backbone of student and teacher; null for random ones
     * @param frozen the encoder of a frozen teacher; null for random ones, if there is one at all
     */
    public void initialize(@Nullable NamedTensors backbone, @Nullable NamedTensors frozen) throws IOException {
        List<TFloat32> fed = new ArrayList<>();
        try {
            var runner = session.runner().addTarget(step.files().initialize());
            feed(runner, step.student(), BACKBONE, backbone, fed); // the teacher's first value is the student's
            feed(runner, step.frozen(), FROZEN, frozen, fed);
            runner.run().close();
        } finally {
            fed.forEach(TFloat32::close);
        }
    }

    private static void feed(
            Session.Runner runner,
            List<Parameter> parameters,
            String prefix,
            @Nullable NamedTensors tensors,
            List<TFloat32> fed)
            throws IOException {
        for (Parameter parameter : parameters) {
            if (tensors != null && parameter.name().startsWith(prefix)) {
                float[] values = tensors.floats(parameter.name().substring(prefix.length()));
                var tensor = TFloat32.tensorOf(parameter.shape(), DataBuffers.of(values, true, false));
                fed.add(tensor);
                runner.feed(parameter.initial(), tensor);
            }
        }
    }

    /** The shapes of the weights of a frozen teacher, by their names in an encoder; empty without one. */
    public Map<String, Shape> frozenShapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        step.frozen().forEach(p -> shapes.put(p.name().substring(FROZEN.length()), p.shape()));
        return shapes;
    }

    public void save(Path prefix) {
        run(step.files().save(), prefix);
    }

    public void restore(Path prefix) {
        run(step.files().restore(), prefix);
    }

    public StepStatistics step(Batch batch, double[] rates) {
        return step(batch, rates, new WorkerStatus(0, 0)).measured();
    }

    /** Makes a step with the other workers, where there are any. */
    public SharedStep step(Batch batch, double[] rates, WorkerStatus own) {
        return step(batch, rates, own, runner -> {
            var allStatuses = step.statuses();
            try (var result = (allStatuses == null ? runner : runner.fetch(allStatuses)).run()) {
                var measured = StepStatistics.of((TFloat64) result.get(0));
                return new SharedStep(
                        measured, allStatuses == null ? List.of(own) : statuses((TFloat64) result.get(1)));
            }
        });
    }

    private static List<WorkerStatus> statuses(TFloat64 allStatuses) {
        List<WorkerStatus> statuses = new ArrayList<>();
        for (long k = 0; k < allStatuses.shape().get(0); k++) {
            statuses.add(new WorkerStatus((int) allStatuses.getDouble(k, 0), allStatuses.getDouble(k, 1)));
        }
        return statuses;
    }

    /** Makes one step and measures how long each op of it ran; slower than {@link #step}. */
    public StepStats trace(Batch batch, double[] rates) {
        var traced = RunOptions.newBuilder()
                .setTraceLevel(RunOptions.TraceLevel.FULL_TRACE)
                .build();
        return step(batch, rates, new WorkerStatus(0, 0), runner -> {
            try (var result = runner.setOptions(traced).runAndFetchMetadata()) {
                return result.getMetadata().orElseThrow().getStepStats();
            }
        });
    }

    private <R> R step(Batch batch, double[] rates, WorkerStatus own, Function<Session.Runner, R> run) {
        var inputs = step.inputs();
        int before = cluster().rank() * drops.residuals(); // each worker drops branches of its own
        try (TInt64 number = TInt64.scalarOf(batch.step());
                TInt64 dropped = drops.draw(residual -> {
                    CounterRandom draws = CounterRandom.of(seed, DROPS, batch.step(), before + residual);
                    return () -> draws.uniform(0, 1);
                });
                TFloat64 values = TFloat64.vectorOf(rates);
                TFloat64 status = TFloat64.vectorOf(own.signal(), own.waitedSeconds())) {
            var runner = session.runner()
                    .feed(inputs.images(), batch.images())
                    .feed(inputs.visible(), batch.visible())
                    .feed(inputs.predicted(), batch.predicted())
                    .feed(inputs.step(), number)
                    .feed(inputs.drops(), dropped)
                    .feed(inputs.rates(), values)
                    .addTarget(step.update())
                    .fetch(step.metrics());
            var statusInput = inputs.status();
            if (server == null || statusInput == null) {
                return run.apply(runner);
            }
            runner.feed(statusInput, status);
            return server.together(() -> run.apply(runner));
        }
    }

    /** The workers of this session. */
    public Cluster cluster() {
        return server == null ? Cluster.ALONE : server.cluster();
    }

    /** Refuses to continue unless all workers are about to do the same; returns what worker 0 is about to do. */
    WorkerPlan agree(WorkerPlan own) {
        return server == null ? own : own.agreed(server.together(() -> server.exchange(own.toJson())));
    }

    /** The checksum of all variables, in hexadecimal digits; empty for a process that trains alone. */
    public String checksum() {
        if (checksums == null) {
            return "";
        }
        try (var result = session.runner().fetch(checksums).run()) {
            TInt64 sums = (TInt64) result.get(0);
            long[] values = new long[Math.toIntExact(sums.size())];
            sums.asRawTensor().data().asLongs().read(values);
            return Long.toHexString(CounterRandom.of(seed, values).bits());
        }
    }

    /** Refuses to continue unless all workers have the same variables. */
    void agreeOnVariables() {
        if (server == null) {
            return;
        }
        String own = checksum();
        List<String> all = server.together(() -> server.exchange(own));
        for (int k = 1; k < all.size(); k++) {
            if (!all.get(k).equals(all.get(0))) {
                throw new IllegalArgumentException("all workers must start with the same weights, but those of worker "
                        + k + " have the checksum " + all.get(k) + ", those of worker 0 " + all.get(0));
            }
        }
    }

    /** The share of the last steps' assignments that each prototype got; empty where nothing is assigned. */
    public float[] prototypeShares() {
        var wanted = step.prototypeShares();
        if (wanted == null) {
            return new float[0];
        }
        try (var result = session.runner().fetch(wanted).run()) {
            TFloat32 shares = (TFloat32) result.get(0);
            float[] values = new float[Math.toIntExact(shares.size())];
            shares.asRawTensor().data().asFloats().read(values);
            return values;
        }
    }

    /** How many numbers student and clustering head have. */
    public long parameters() {
        return studentParameters() + size(step.prototypes());
    }

    public long studentParameters() {
        return size(step.student());
    }

    private static long size(List<Parameter> parameters) {
        return parameters.stream().mapToLong(p -> p.shape().size()).sum();
    }

    /**
     * The bytes of all variables: student, teacher, clustering head, two moments of what is trained, a frozen teacher.
     */
    public long stateBytes() {
        return Float.BYTES
                * step.variables().stream().mapToLong(v -> v.shape().size()).sum();
    }

    private void run(Op target, Path prefix) {
        try (TString path = TString.scalarOf(prefix.toAbsolutePath().toString())) {
            session.runner()
                    .feed(step.files().prefix(), path)
                    .addTarget(target)
                    .run()
                    .close();
        }
    }

    private static ConfigProto settings(Compute compute, Xla xla) {
        var settings = Devices.settings().setAllowSoftPlacement(true);
        if (compute.device() == DeviceChoice.CPU) {
            settings.putDeviceCount("GPU", 0); // elsewhere TensorFlow takes the first GPU that it can use
        }
        var options = settings.getGraphOptionsBuilder();
        switch (xla) {
            case STEP -> // Grappler makes ops within the function that XLA does not know
                options.getRewriteOptionsBuilder().setDisableMetaOptimizer(true);
            case AUTO ->
                options.getOptimizerOptionsBuilder()
                        .setGlobalJitLevel(GlobalJitLevel.ON_2)
                        .setCpuGlobalJit(true);
            case OFF -> {}
        }
        return settings.build();
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }
}
