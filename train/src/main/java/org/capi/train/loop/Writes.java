package org.capi.train.loop;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** The writes that a run survives when they fail: a failure of a kind is said once, and its end too. */
final class Writes {

    private static final Logger log = LogManager.getLogger(Writes.class);

    private final Set<String> failing = new HashSet<>();

    /** Something that may meet a full disk. */
    interface Write {
        void run() throws IOException;
    }

    /**
     * Tries it; says whether it worked.
     *
     * @param kind what is written, such as {@code a checkpoint}
     */
    boolean attempt(String kind, Write write) {
        try {
            write.run();
        } catch (IOException | RuntimeException e) { // TensorFlow reports a full disk by several of its own
            if (failing.add(kind)) {
                log.warn("{} could not be written, the run goes on: {}", kind, firstLine(e));
                log.debug("{} could not be written", kind, e);
            }
            return false;
        }
        if (failing.remove(kind)) {
            log.info("{} could be written again", kind);
        }
        return true;
    }

    private static String firstLine(Exception e) {
        String message = String.valueOf(e.getMessage());
        return e.getClass().getSimpleName() + ": " + message.lines().findFirst().orElse("");
    }
}
