package org.capi.train.run;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The log file of a run: gets all that is logged from the moment it is attached, stack traces included.
 *
 * <p>It stays attached to the end of the process, or until another takes its place, so that the failure which ends a
 * run is in its log.
 */
public final class RunLog {

    /** The name that {@code log4j2.xml} looks up for every event. */
    private static final String PROPERTY = "capi.run.log";

    private RunLog() {}

    /** Sends everything that is logged from now on to this file too, at its end if it exists. */
    public static void to(Path file) {
        System.setProperty(PROPERTY, file.toAbsolutePath().toString());
    }

    /** The file that is attached now. */
    public static Optional<Path> current() {
        return Optional.ofNullable(System.getProperty(PROPERTY)).map(Path::of);
    }

    /** Goes on without a file. */
    public static void detach() {
        System.clearProperty(PROPERTY);
    }
}
