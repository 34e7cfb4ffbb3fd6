package org.capi.train.loop;

import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The signals of the process, taken from the JVM and given back.
 *
 * <p>The JDK offers them in {@code sun.misc.Signal} alone, which javac warns about without a way to say that it is
 * meant: so it is called by its name. A signal that the JVM keeps for itself (as with {@code -Xrs}) is left to it.
 */
final class Signals implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(Signals.class);

    private final Class<?> signal;
    private final Class<?> handler;
    private final Map<Object, Object> before = new LinkedHashMap<>();

    private Signals(Class<?> signal, Class<?> handler) {
        this.signal = signal;
        this.handler = handler;
    }

    /** Hands the number of every signal that comes from now on to a receiver, on a thread of its own. */
    static Signals receive(List<String> names, IntConsumer receiver) {
        try {
            var signals = new Signals(Class.forName("sun.misc.Signal"), Class.forName("sun.misc.SignalHandler"));
            names.forEach(name -> signals.take(name, receiver));
            return signals;
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("this JDK lacks the module jdk.unsupported, which has signals", e);
        }
    }

    private void take(String name, IntConsumer receiver) {
        try {
            Object taken = signal.getConstructor(String.class).newInstance(name);
            int number = (int) signal.getMethod("getNumber").invoke(taken);
            Object ours = Proxy.newProxyInstance(
                    Signals.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, given) -> {
                        switch (method.getName()) {
                            case "handle" -> receiver.accept(number);
                            case "hashCode" -> {
                                return System.identityHashCode(proxy);
                            }
                            case "equals" -> {
                                return proxy == given[0];
                            }
                            case "toString" -> {
                                return "SIG" + name + " for a run";
                            }
                            default -> throw new IllegalStateException("no such method: " + method);
                        }
                        return null;
                    });
            before.put(taken, handle(taken, ours));
        } catch (ReflectiveOperationException e) {
            log.warn("SIG{} will not be heard: {}", name, e.getCause() == null ? e : e.getCause());
        }
    }

    private Object handle(Object taken, Object by) throws ReflectiveOperationException {
        return signal.getMethod("handle", signal, handler).invoke(null, taken, by);
    }

    /** Gives every signal back to who had it. */
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
