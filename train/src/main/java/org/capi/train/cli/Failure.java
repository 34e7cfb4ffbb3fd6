package org.capi.train.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.capi.train.config.Nearest;
import org.capi.train.loop.RunStoppedException;
import org.capi.train.loop.TrainingDivergedException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What a failed command ends with.
 *
 * @param status the exit status
 * @param line what is said on stderr, in one line
 * @param expected whether it is one of the failures that need no stack trace
 */
record Failure(int status, String line, boolean expected) {

    static final int WORKING = 1;
    static final int USE = 2;
    static final int DIVERGED = 3;
    /** Added to the number of the signal that stopped a run. */
    static final int SIGNAL = 128;

    private static final int MAX_LINE = 500;

    /** Cuts the middle out of a line that is too long: its beginning names the thing, its end often says what to do. */
    Failure {
        if (line.length() > MAX_LINE) {
            line = line.substring(0, MAX_LINE / 2) + " ... " + line.substring(line.length() - MAX_LINE / 2);
        }
    }

    static Failure of(Throwable failure) {
        if (failure instanceof ParameterException wrong) {
            return new Failure(USE, wrongUse(wrong), true);
        }
        if (failure instanceof TrainingDivergedException) {
            return new Failure(DIVERGED, firstLine(failure), true);
        }
        if (failure instanceof RunStoppedException stopped) {
            return new Failure(SIGNAL + stopped.signal(), firstLine(failure), true);
        }
        if (isTensorFlows(failure)) {
            return new Failure(WORKING, "TensorFlow: " + firstLine(failure), true);
        }
        if (failure instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return new Failure(WORKING, file(unchecked.getCause()), true);
        }
        if (failure instanceof IOException broken) {
            return new Failure(WORKING, file(broken), true);
        }
        if (failure instanceof IllegalStateException) {
            return new Failure(WORKING, firstLine(failure), true);
        }
        if (failure instanceof OutOfMemoryError) {
            long mebibytes = Runtime.getRuntime().maxMemory() >> 20;
            String more = "; more: CAPI_JAVA_OPTS=-Xmx" + 2 * mebibytes + "m ./capi ...";
            return new Failure(WORKING, "out of memory: the Java heap has " + mebibytes + " MiB" + more, true);
        }
        if (failure instanceof IllegalArgumentException) {
            return new Failure(USE, firstLine(failure), true);
        }
        String kind = failure.getClass().getSimpleName();
        return new Failure(WORKING, "unexpected " + kind + ": " + firstLine(failure), false);
    }

    /** Told by the package: some of TensorFlow's exceptions extend {@link IllegalArgumentException} and the like. */
    private static boolean isTensorFlows(Throwable failure) {
        return failure.getClass().getPackageName().equals("org.tensorflow.exceptions");
    }

    private static String file(IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file: " + failure.getMessage();
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "the file exists already: " + failure.getMessage();
        }
        return failure instanceof AccessDeniedException
                ? "no permission for the file: " + failure.getMessage()
                : firstLine(failure);
    }

    private static String firstLine(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank()
                ? failure.getClass().getSimpleName()
                : message.strip().lines().findFirst().orElse("");
    }

    private static String wrongUse(ParameterException wrong) {
        CommandSpec command = wrong.getCommandLine().getCommandSpec();
        String help = "; see " + command.qualifiedName() + " --help";
        if (!(wrong instanceof UnmatchedArgumentException unmatched)
                || unmatched.getUnmatched().isEmpty()) {
            return firstLine(wrong) + help;
        }
        String argument = unmatched.getUnmatched().get(0);
        String nearest = nearest(argument, command);
        String kind = argument.startsWith("-")
                ? "unknown option "
                : command.subcommands().isEmpty() ? "unexpected argument " : "unknown command ";
        return kind + argument + (nearest == null ? help : "; did you mean " + nearest + "?");
    }

    private static @Nullable String nearest(String argument, CommandSpec command) {
        Collection<String> known = argument.startsWith("-")
                ? command.optionsMap().keySet()
                : command.subcommands().keySet();
        Set<String> names = new LinkedHashSet<>(known);
        int equals = argument.indexOf('=');
        return Nearest.to(equals < 0 ? argument : argument.substring(0, equals), names);
    }
}
