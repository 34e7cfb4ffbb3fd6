package org.capi.train.loop;

import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Turns SIGTERM, SIGINT and SIGUSR2 into a request to stop after the current step, with a checkpoint; a second one ends
 * the process at once, with 128 + signal.
 *
 * <p>The JDK offers signals in {@code sun.misc.Signal} alone, which javac warns about and no annotation silences: so it
 * is called by reflection. A signal that the JVM keeps for itself (as with {@code -Xrs}) is left to it. HotSpot itself
 * uses SIGUSR2 to sample threads under the flight recorder, which therefore cannot watch a run.
 */
public final class StopRequest implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(StopRequest.class);

    /** The number of SIGINT. */
    private static final int INTERRUPT = 2;

    private final AtomicInteger signal = new AtomicInteger();
    /** The handlers that the signals had before, by signals. */
    private final Map<Object, Object> before = new LinkedHashMap<>();

    private final Class<?> signals;
    private final Class<?> handlers;

    public static final class RunStoppedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final int signal;

        public RunStoppedException(int signal, String message) {
            super(message);
            this.signal = signal;
        }

        public int signal() {
            return signal;
        }
    }

    private StopRequest() {
        try {
            signals = Class.forName("sun.misc.Signal");
            handlers = Class.forName("sun.misc.SignalHandler");
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("this JDK lacks the module jdk.unsupported, which has signals", e);
        }
    }

    public static StopRequest listen() {
        var request = new StopRequest();
        List.of("TERM", "INT", "USR2").forEach(request::take);
        return request;
    }

    public boolean requested() {
        return signal.get() != 0;
    }

    /** The number of the signal that requested it; 0 for none. */
    public int signal() {
        return signal.get();
    }

    private void received(Object received, int number) {
        if (signal.compareAndSet(0, number)) {
            log.info(
                    "{}: finishing this step and saving a checkpoint; {} to stop at once",
                    number == INTERRUPT ? "Ctrl-C" : "signal " + number,
                    number == INTERRUPT ? "press it again" : "send it again");
            return;
        }
        try {
            // The system ends the process. An exit would take TensorFlow's data from under its running threads, and
            // crash.
            handle(received, handlers.getField("SIG_DFL").get(null));
            signals.getMethod("raise", signals).invoke(null, received);
        } catch (ReflectiveOperationException e) {
            log.debug("signal {} cannot be raised", number, e);
        }
        Runtime.getRuntime().halt(128 + number);
    }

    private void take(String name) {
        try {
            Object taken = signals.getConstructor(String.class).newInstance(name);
            int number = (int) signals.getMethod("getNumber").invoke(taken);
            Object ours = Proxy.newProxyInstance(
                    StopRequest.class.getClassLoader(), new Class<?>[] {handlers}, (proxy, method, given) -> {
                        return switch (method.getName()) {
                            case "handle" -> {
                                received(taken, number);
                                yield null;
                            }
                            case "hashCode" -> System.identityHashCode(proxy);
                            case "equals" -> proxy == given[0];
                            case "toString" -> "SIG" + name + " for a run";
                            default -> throw new IllegalStateException("no such method: " + method);
                        };
                    });
            before.put(taken, handle(taken, ours));
        } catch (ReflectiveOperationException e) {
            log.warn(
                    "SIG{} cannot be handled, and ends the run without a checkpoint: {}",
                    name,
                    e.getCause() == null ? e : e.getCause());
        }
    }

    private Object handle(Object taken, Object by) throws ReflectiveOperationException {
        return signals.getMethod("handle", signals, handlers).invoke(null, taken, by);
    }

    @Override
    public void close() {
        before.forEach((taken, owner) -> {
            try {
                handle(taken, owner);
            } catch (ReflectiveOperationException e) {
                log.debug("{} was not given back", taken, e);
            }
        });
    }
}
