package org.capi.train.loop;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;

/**
 * TensorFlow's own lines on standard error, which are of no use to a user. The launcher silences most of them by {@code
 * TF_CPP_MIN_LOG_LEVEL}; the libraries write others as they load and at the first session of a process, some by a
 * logger that has no setting. So both happen here, while the process's standard error is a file, of which everything
 * but these lines is shown afterwards.
 *
 * <p>Java cannot redirect file descriptors. The JDK's own functions for it are called by reflection; where that is not
 * possible, TensorFlow's lines are shown.
 */
public final class NativeLog {

    private static final Logger log = LogManager.getLogger(NativeLog.class);
    private static final String LEVEL = "TF_CPP_MIN_LOG_LEVEL";
    /** The levels at which a user wants to see lines that are no errors. */
    private static final Set<String> VERBOSE = Set.of("0", "1");

    private static final int STDERR = 2;
    private static final int WRITE_ONLY = 1;

    /** Information and warnings, the second line of one, and errors that every process of the CUDA build logs. */
    private static final Pattern NOISE = Pattern.compile("([0-9-]{10} [0-9:.]+: [IW] |[IW][0-9]{4} ).*"
            + "|WARNING: All log messages before absl::InitializeLog\\(\\).*"
            + "|To enable the following instructions: .*"
            + "|.*\\] Unable to register cu[A-Z]+ factory: .*"
            + "|.*\\] computation placer already registered.*");

    private static final AtomicBoolean DONE = new AtomicBoolean();

    private NativeLog() {}

    /**
     * Loads TensorFlow and makes the first session, once in a process.
     *
     * @param training whether the process trains: its first session sizes the threads of all later ones
     */
    public static void silence(boolean training) {
        if (DONE.getAndSet(true)) {
            return;
        }
        load();
        quietly(() -> {
            firstSession(training ? Devices.settings() : ConfigProto.newBuilder());
            return true;
        });
    }

    /**
     * Loads TensorFlow and returns its version. Where the launcher has set the level only a fatal error is logged, and
     * nothing is redirected: the process ends with it.
     */
    public static String load() {
        return System.getenv(LEVEL) == null ? quietly(TensorFlow::version) : TensorFlow.version();
    }

    /** Does work during which TensorFlow may log; logs all else that was written to standard error meanwhile. */
    public static <T> T quietly(Supplier<T> work) {
        String level = System.getenv(LEVEL);
        Redirection redirection = null;
        try {
            redirection = level != null && VERBOSE.contains(level) ? null : Redirection.start();
        } catch (IOException | ReflectiveOperationException | RuntimeException e) {
            log.debug("TensorFlow's own lines are shown", e);
        }
        try {
            return work.get();
        } finally {
            if (redirection != null) {
                redirection.end();
            }
        }
    }

    private static void firstSession(ConfigProto.Builder settings) {
        try (var graph = new Graph();
                var session =
                        new Session(graph, settings.putDeviceCount("GPU", 0).build())) {
            session.runner().fetch(Ops.create(graph).constant(0)).run().close();
        }
    }

    /**
     * Standard error as a file.
     *
     * @param kept the descriptor that standard error has meanwhile
     */
    private record Redirection(Path file, int kept) {

        static Redirection start() throws IOException, ReflectiveOperationException {
            Path file = Files.createTempFile("capi-", ".log");
            int kept = -1;
            try {
                kept = (int) call("dup", STDERR);
                int target = (int) call("open0", file.toString(), WRITE_ONLY);
                call("dup2", target, STDERR);
                call("close0", target);
                return new Redirection(file, kept);
            } catch (ReflectiveOperationException e) {
                if (kept >= 0) {
                    call("dup2", kept, STDERR);
                    call("close0", kept);
                }
                Files.delete(file);
                throw e;
            }
        }

        void end() {
            try {
                call("dup2", kept, STDERR);
                call("close0", kept);
                new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !NOISE.matcher(line).matches())
                        .forEach(line -> log.warn("{}", line));
                Files.delete(file);
            } catch (IOException | ReflectiveOperationException e) {
                log.warn("what TensorFlow logged when it was loaded is in {}", file, e);
            }
        }

        /** Calls one of the functions by which the JDK takes over the channel that it was started with. */
        private static Object call(String name, Object... arguments) throws ReflectiveOperationException {
            for (Method one : Class.forName("sun.nio.ch.InheritedChannel").getDeclaredMethods()) {
                if (one.getName().equals(name)) {
                    one.setAccessible(true);
                    return one.invoke(null, arguments);
                }
            }
            throw new NoSuchMethodException(name);
        }
    }
}
