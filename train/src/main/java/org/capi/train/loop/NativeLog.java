package org.capi.train.loop;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.capi.train.run.RunFolder;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.internal.c_api.Deallocator_Pointer_long_Pointer;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;

/**
 * TensorFlow's own lines on standard error, which are of no use to a user. Most are silenced by {@code
 * TF_CPP_MIN_LOG_LEVEL}; the first session of a process writes two more by a logger that has no setting. So that
 * session is made here, while the process's standard error is a file, of which everything but these lines is shown
 * afterwards.
 */
public final class NativeLog {

    private static final Logger log = LogManager.getLogger(NativeLog.class);
    private static final String LEVEL = "TF_CPP_MIN_LOG_LEVEL";
    private static final String ERRORS_ONLY = "3";
    private static final int STDERR = 2;
    /** The descriptor that keeps standard error meanwhile; far above those in use. */
    private static final int KEPT = 900;

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final Pattern NOISE =
            Pattern.compile("[IW]\\d{4} .*|WARNING: All log messages before absl::InitializeLog\\(\\).*");
    private static final AtomicBoolean DONE = new AtomicBoolean();

    private NativeLog() {}

    /**
     * Makes the first session, once in a process; nothing where the user wants to see TensorFlow's lines.
     *
     * @param training whether the process trains: its first session sizes the threads of all later ones
     * @param say gets every other line that was written meanwhile
     */
    public static void silence(boolean training, Consumer<String> say) {
        String level = System.getenv(LEVEL);
        if (DONE.getAndSet(true) || (level != null && !level.equals(ERRORS_ONLY))) {
            return;
        }
        TensorFlow.version(); // loads the libraries
        var settings = training ? Devices.settings() : ConfigProto.newBuilder();
        try {
            if (level == null) {
                try (var name = new BytePointer(LEVEL, StandardCharsets.US_ASCII);
                        var value = new BytePointer(ERRORS_ONLY, StandardCharsets.US_ASCII)) {
                    call("setenv", name.address(), value.address(), 1);
                }
            }
            withoutStandardError(() -> firstSession(settings), say);
        } catch (IOException | UncheckedIOException e) {
            log.debug("TensorFlow's own lines are shown", e);
        }
    }

    private static void firstSession(ConfigProto.Builder settings) {
        try (var graph = new Graph();
                var session =
                        new Session(graph, settings.putDeviceCount("GPU", 0).build())) {
            session.runner().fetch(Ops.create(graph).constant(0)).run().close();
        }
    }

    private static void withoutStandardError(Runnable work, Consumer<String> say) throws IOException {
        Path kept = DESCRIPTORS.resolve(Integer.toString(KEPT)); // a link, whose target may be no file
        if (Files.isSymbolicLink(kept)) {
            throw new IOException("descriptor " + KEPT + " is in use");
        }
        Path file = Files.createTempFile("capi-", ".log");
        try (var output = new FileOutputStream(file.toFile(), true)) {
            output.flush();
            int descriptor = descriptor(file);
            call("dup2", STDERR, KEPT, 0);
            if (!Files.isSymbolicLink(kept)) {
                throw new IOException("standard error cannot be kept as descriptor " + KEPT);
            }
            try {
                call("dup2", descriptor, STDERR, 0);
                work.run();
            } finally {
                call("dup2", KEPT, STDERR, 0);
                call("close", KEPT, 0, 0);
            }
            new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !NOISE.matcher(line).matches())
                    .forEach(say);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static int descriptor(Path file) throws IOException {
        Path real = file.toRealPath();
        for (Path one : RunFolder.entries(DESCRIPTORS)) {
            if (Files.isSymbolicLink(one) && Files.readSymbolicLink(one).equals(real)) {
                return Integer.parseInt(String.valueOf(one.getFileName()));
            }
        }
        throw new IOException("no descriptor of " + real);
    }

    /**
     * Calls a function of the C library with whole numbers or addresses: by the one type of function in TensorFlow's
     * Java classes that takes three of them.
     */
    private static void call(String function, long first, long second, long third) throws IOException {
        try (Pointer code = Loader.addressof(function);
                var place = new LongPointer(1)) {
            if (code == null) {
                throw new IOException("no function " + function);
            }
            place.put(code.address());
            new Deallocator_Pointer_long_Pointer(place).call(new Argument(first), second, new Argument(third));
        }
    }

    private static final class Argument extends Pointer {

        Argument(long value) {
            super((Pointer) null);
            address = value;
        }
    }
}
