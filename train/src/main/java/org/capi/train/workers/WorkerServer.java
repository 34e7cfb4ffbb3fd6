package org.capi.train.workers;

import static org.tensorflow.internal.c_api.global.tensorflow.TF_SetConfig;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_SetTarget;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.capi.graph.CollectiveWorkers;
import org.capi.graph.CollectiveWorkers.Settings;
import org.capi.train.loop.NativeLog;
import org.tensorflow.Graph;
import org.tensorflow.Server;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TFFailedPreconditionException;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.internal.c_api.TF_Graph;
import org.tensorflow.internal.c_api.TF_Session;
import org.tensorflow.internal.c_api.TF_SessionOptions;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ClusterDef;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.JobDef;
import org.tensorflow.proto.ServerDef;
import org.tensorflow.types.TInt32;

/**
 * TensorFlow's server of this process, through which it works with the other workers, and sessions that run on it.
 *
 * <p>TensorFlow cannot stop a server: it ends with the process.
 */
public final class WorkerServer {

    private static final Logger log = LogManager.getLogger(WorkerServer.class);

    private static final String JOB = "worker";
    private static final int TEXT_BYTES = 1 << 16;
    private static final int CONNECT_MILLIS = 1000;
    private static final int RETRY_MILLIS = 200;

    /** The group and the ops of {@link #exchange}; those of steps have other numbers. */
    private static final int EXCHANGE_GROUP = 2;

    private static final int EXCHANGE_INSTANCE = 1_000_000_000;

    private static final AtomicBoolean STARTED = new AtomicBoolean();

    private final Cluster cluster;
    private final int timeoutSeconds;
    private int exchanges;

    private WorkerServer(Cluster cluster, int timeoutSeconds) {
        this.cluster = cluster;
        this.timeoutSeconds = timeoutSeconds;
    }

    /**
     * Starts the server, and waits until those of all other workers can be reached.
     *
     * @param settings of the sessions that will run on it
     * @param timeoutSeconds how long another worker may take, here and in every collective
     */
    public static WorkerServer start(Cluster cluster, ConfigProto settings, int timeoutSeconds) {
        checkAddress(cluster);
        var job = JobDef.newBuilder().setName(JOB);
        for (int i = 0; i < cluster.workers(); i++) {
            job.putTasks(i, cluster.addresses().get(i));
        }
        var definition = ServerDef.newBuilder()
                .setCluster(ClusterDef.newBuilder().addJob(job))
                .setJobName(JOB)
                .setTaskIndex(cluster.rank())
                .setProtocol("grpc")
                .setDefaultSessionConfig(with(cluster, settings))
                .build();
        STARTED.set(true);
        try {
            NativeLog.quietly(() -> {
                new Server(definition).start();
                return true;
            });
        } catch (TensorFlowException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the server of worker " + cluster.rank() + " does not start at " + cluster.address() + ": "
                            + e.getMessage(),
                    e);
        }
        log.warn(
                "TensorFlow's server of worker {} listens on port {} of all network interfaces, without authentication,"
                        + " and executes any graph that it is sent: let {} reach it",
                cluster.rank(),
                Cluster.port(cluster.address()),
                cluster.isLoopback() ? "no other machine" : "no machine but those of the other workers");
        var server = new WorkerServer(cluster, timeoutSeconds);
        server.awaitOthers();
        return server;
    }

    /** Whether this process has started a server: then it must be ended by force, see {@link Runtime#halt}. */
    public static boolean started() {
        return STARTED.get();
    }

    public Cluster cluster() {
        return cluster;
    }

    /** The longest time, in seconds, that a worker waits for another one. */
    public int timeoutSeconds() {
        return timeoutSeconds;
    }

    /** Opens a session on this server; its graph's collectives reach the other workers. */
    public Session session(Graph graph, ConfigProto settings) {
        byte[] config = with(cluster, settings).toByteArray();
        // Session's public constructors take no target, and only a session on the server is part of the cluster.
        try (PointerScope scope = new PointerScope()) {
            Method reference = Graph.class.getDeclaredMethod("ref");
            reference.setAccessible(true);
            AutoCloseable held = (AutoCloseable) reference.invoke(graph);
            try {
                Method handle = held.getClass().getDeclaredMethod("nativeHandle");
                handle.setAccessible(true);
                TF_Status status = TF_Status.newStatus();
                TF_SessionOptions options = TF_SessionOptions.newSessionOptions();
                TF_SetTarget(options, "grpc://" + cluster.address());
                BytePointer bytes = new BytePointer(config);
                TF_SetConfig(options, bytes, bytes.capacity(), status);
                status.throwExceptionIfNotOK();
                TF_Session session = TF_Session.newSession((TF_Graph) handle.invoke(held), options, status);
                status.throwExceptionIfNotOK();
                session.retainReference();
                Constructor<Session> constructor = Session.class.getDeclaredConstructor(Graph.class, TF_Session.class);
                constructor.setAccessible(true);
                log.debug("opened a session on {} in {}", cluster.address(), scope);
                return constructor.newInstance(graph, session);
            } finally {
                held.close();
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) { // of AutoCloseable and of reflection
            throw new IllegalStateException("this build of TensorFlow Java opens no session on a server: " + e, e);
        }
    }

    /**
     * Does work that needs the other workers. Where one of them is lost, this process can do no such work again.
     *
     * @throws WorkerLostException if it fails because of another worker
     */
    public <R> R together(Supplier<R> work) {
        try {
            return work.get();
        } catch (TFFailedPreconditionException e) {
            throw new WorkerLostException(cluster.rank(), e);
        } catch (TensorFlowException e) {
            // Aborted, unavailable, cancelled and overdue work has no type of its own.
            throw e.getClass().equals(TensorFlowException.class) ? new WorkerLostException(cluster.rank(), e) : e;
        }
    }

    /** Thrown by a worker that cannot continue because another one does not answer any more. */
    public static final class WorkerLostException extends RuntimeException {

        /** The exit status: the same command may be tried again. Kubeflow calls this status retryable. */
        public static final int STATUS = 138;

        private static final long serialVersionUID = 1L;

        WorkerLostException(int rank, TensorFlowException cause) {
            super(
                    "worker " + rank + " lost another worker, continue with ./capi resume: "
                            + String.valueOf(cause.getMessage())
                                    .lines()
                                    .findFirst()
                                    .orElse("no reason given"),
                    cause);
        }
    }

    /** Gives every worker's text to all of them, in the order of their ranks. */
    public List<String> exchange(String own) {
        byte[] text = own.getBytes(StandardCharsets.UTF_8);
        if (text.length > TEXT_BYTES - Integer.BYTES) {
            throw new IllegalArgumentException(
                    "workers compare at most " + TEXT_BYTES + " bytes of configuration and data, was " + text.length);
        }
        ByteBuffer bytes = ByteBuffer.allocate(TEXT_BYTES).putInt(text.length).put(text);
        int width = TEXT_BYTES / Integer.BYTES;
        int[] all = new int[width * cluster.workers()];
        bytes.rewind().asIntBuffer().get(all, width * cluster.rank(), width);
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var shape = Shape.of(all.length);
            var fed = tf.placeholder(TInt32.class, Placeholder.shape(shape));
            var workers = new CollectiveWorkers(
                    cluster.workers(),
                    cluster.rank(),
                    new Settings(timeoutSeconds, false, false, EXCHANGE_GROUP, EXCHANGE_INSTANCE + exchanges++));
            var sum = workers.sum(tf, fed);
            try (Session session = session(graph, ConfigProto.getDefaultInstance());
                    TInt32 in = TInt32.tensorOf(shape, DataBuffers.of(all));
                    var result = session.runner().feed(fed, in).fetch(sum).run()) {
                ((TInt32) result.get(0)).asRawTensor().data().asInts().read(all);
            }
        }
        List<String> texts = new ArrayList<>();
        for (int k = 0; k < cluster.workers(); k++) {
            ByteBuffer one = ByteBuffer.allocate(TEXT_BYTES);
            one.asIntBuffer().put(all, width * k, width);
            texts.add(new String(one.array(), Integer.BYTES, one.getInt(), StandardCharsets.UTF_8));
        }
        return texts;
    }

    private static ConfigProto with(Cluster cluster, ConfigProto settings) {
        var with = settings.toBuilder();
        with.addDeviceFilters(CollectiveWorkers.task(cluster.rank()));
        with.getExperimentalBuilder()
                .setCollectiveGroupLeader(CollectiveWorkers.task(0))
                .setCollectiveNccl(true);
        return with.build();
    }

    /** Refuses an address that is another machine's, or a port that is in use. */
    private static void checkAddress(Cluster cluster) {
        String worker = "the address of worker " + cluster.rank() + ", " + cluster.address() + ",";
        try {
            boolean here = false;
            for (InetAddress one : InetAddress.getAllByName(Cluster.host(cluster.address()))) {
                here |= one.isLoopbackAddress() || NetworkInterface.getByInetAddress(one) != null;
            }
            if (!here) {
                throw new IllegalArgumentException(worker + " must be one of this machine's; is this another worker?");
            }
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(worker + " must be known to this machine, and is not", e);
        } catch (SocketException e) {
            log.debug("the addresses of this machine are not known", e);
        }
        int port = Cluster.port(cluster.address());
        try (ServerSocket free = new ServerSocket()) {
            free.bind(new InetSocketAddress(port));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    worker + " must have a free port, and port " + port
                            + " is in use: by another program, or by a worker of the same number",
                    e);
        }
    }

    /** Other workers may start later; one that does not is named. */
    private void awaitOthers() {
        long started = System.nanoTime();
        for (int k = 0; k < cluster.workers(); k++) {
            String address = cluster.addresses().get(k);
            while (k != cluster.rank() && !reachable(address)) {
                if (System.nanoTime() - started > TimeUnit.SECONDS.toNanos(timeoutSeconds)) {
                    throw new IllegalArgumentException("worker " + k + " at " + address + " cannot be reached: waited "
                            + timeoutSeconds + " s (compute.collective_timeout) for it to start");
                }
                try {
                    Thread.sleep(RETRY_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted while waiting for worker " + k, e);
                }
            }
        }
    }

    private static boolean reachable(String address) {
        try {
            for (InetAddress one : InetAddress.getAllByName(Cluster.host(address))) {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(one, Cluster.port(address)), CONNECT_MILLIS);
                    return true;
                } catch (IOException e) {
                    log.debug("{} does not answer at {}", address, one);
                }
            }
        } catch (UnknownHostException e) {
            log.debug("{} is not known yet", address);
        }
        return false;
    }
}
