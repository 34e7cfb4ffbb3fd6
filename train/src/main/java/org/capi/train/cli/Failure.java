package org.capi.train.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.ConfigKeys;
import org.capi.train.config.NearestName;
import org.capi.train.loop.NonFiniteGuard.TrainingDivergedException;
import org.capi.train.loop.StopRequest.RunStoppedException;
import org.capi.train.workers.WorkerServer.WorkerLostException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What a failed command ends with.
 *
 * @param status the exit status
 * @param line the message on stderr, in one line
 * @param expected whether it is one of the failures that need no stack trace
 */
record Failure(int status, String line, boolean expected) {

    static final int WORKING = 1;
    static final int USE = 2;
    static final int DIVERGED = 3;
    /** Added to the number of the signal that stopped a run. */
    static final int SIGNAL = 128;

    private static final int MAX_LINE = 500;
    /** What commands call the overrides that they take. */
    private static final String OVERRIDE = "section.key=value";

    private static final String MINUTES = "--minutes";
    /** Names that other programs have for options. */
    private static final List<String> OUTPUTS = List.of("output", "out", "output-dir", "out-dir", "save-dir");
    /** The first that a command has is meant. */
    private static final List<Map.Entry<String, List<String>>> OPTIONS = List.of(
            Map.entry("--to", OUTPUTS),
            Map.entry("--out", OUTPUTS),
            Map.entry("--run", OUTPUTS),
            Map.entry("--run", List.of("log-dir", "logdir", "run-dir", "to")),
            Map.entry("--data", List.of("dataset", "data-dir", "data-path", "images", "train-dir", "input")),
            Map.entry(
                    "--from-weights",
                    List.of("weights", "pretrained", "init", "init-from", "finetune", "from", "checkpoint")),
            Map.entry("--preset", List.of("model", "arch", "architecture", "backbone", "encoder")));

    /** Cuts the middle out of a line that is too long: its start names the thing, its end often tells what to do. */
    Failure {
        if (line.length() > MAX_LINE) {
            line = line.substring(0, MAX_LINE / 2) + " ... " + line.substring(line.length() - MAX_LINE / 2);
        }
    }

    private Failure(int status, String line) {
        this(status, line, true);
    }

    /** What a failure comes to; {@code arguments} are the words of the command line, for the message on wrong ones. */
    static Failure of(Throwable failure, String... arguments) {
        if (failure instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return of(unchecked.getCause());
        }
        if (failure instanceof ParameterException wrong) {
            return new Failure(USE, wrongUse(wrong, List.of(arguments)));
        }
        String message = message(failure);
        if (failure instanceof TrainingDivergedException) {
            return new Failure(DIVERGED, message);
        }
        if (failure instanceof WorkerLostException) {
            return new Failure(WorkerLostException.STATUS, message);
        }
        if (failure instanceof RunStoppedException stopped) {
            return new Failure(SIGNAL + stopped.signal(), message);
        }
        // Recognised by the package: some of TensorFlow's exceptions extend IllegalArgumentException and the like.
        if (failure.getClass().getPackageName().equals("org.tensorflow.exceptions")) {
            return new Failure(WORKING, "TensorFlow: " + message);
        }
        if (failure instanceof IOException || failure instanceof IllegalStateException) {
            return new Failure(WORKING, message);
        }
        if (failure instanceof OutOfMemoryError) {
            long mebibytes = Runtime.getRuntime().maxMemory() >> 20;
            String more = "; more: CAPI_JAVA_OPTS=-Xmx" + 2 * mebibytes + "m ./capi ...";
            return new Failure(WORKING, "out of memory: the Java heap has " + mebibytes + " MiB" + more);
        }
        if (failure instanceof UnsatisfiedLinkError) {
            return new Failure(WORKING, "TensorFlow's library does not load: " + message + "; capi doctor says more");
        }
        if (failure instanceof IllegalArgumentException) {
            return new Failure(USE, message);
        }
        String kind = failure.getClass().getSimpleName();
        return new Failure(WORKING, "unexpected " + kind + ": " + message, false);
    }

    /** The first line of a message; the JDK's own for files are the path alone. */
    private static String message(Throwable failure) {
        String message = failure.getMessage();
        if (failure instanceof NoSuchFileException) {
            return "no such file: " + message;
        }
        if (failure instanceof FileAlreadyExistsException) {
            return "the file exists already: " + message;
        }
        if (failure instanceof AccessDeniedException) {
            return "no permission for the file: " + message;
        }
        return message == null || message.isBlank()
                ? failure.getClass().getSimpleName()
                : message.strip().lines().findFirst().orElse("");
    }

    private static String wrongUse(ParameterException wrong, List<String> arguments) {
        CommandSpec command = wrong.getCommandLine().getCommandSpec();
        String help = "; see " + command.qualifiedName() + " --help";
        if (!(wrong instanceof UnmatchedArgumentException unmatched)
                || unmatched.getUnmatched().isEmpty()) {
            boolean noCommand = wrong.getClass() == ParameterException.class
                    && !command.subcommands().isEmpty();
            return (noCommand
                            ? "give a command: "
                                    + String.join(", ", command.subcommands().keySet())
                            : message(wrong))
                    + help;
        }
        String argument = unmatched.getUnmatched().get(0);
        boolean option = argument.startsWith("-");
        var names = List.copyOf(
                option ? command.optionsMap().keySet() : command.subcommands().keySet());
        String kind = option ? "unknown option " : names.isEmpty() ? "unexpected argument " : "unknown command ";
        String name = argument.split("=", 2)[0];
        String typing = NearestName.within(name.length() / 3, name, names);
        String key = option ? keyMeant(command, argument, typing == null, arguments) : null;
        if (key != null) {
            return kind + argument + "; " + key;
        }
        String nearest = OPTIONS.stream()
                .filter(known -> names.contains(known.getKey())
                        && known.getValue().contains(name.replace('_', '-').replaceFirst("^-+", "")))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseGet(() -> NearestName.to(name, names));
        return kind + argument + (nearest == null ? help : "; did you mean " + nearest + "?");
    }

    /**
     * What to write in place of an option that names a key of the configuration; null if it does not.
     *
     * @param near whether the name may have a few other letters
     */
    private static @Nullable String keyMeant(CommandSpec command, String option, boolean near, List<String> arguments) {
        if (command.positionalParameters().stream()
                .noneMatch(parameter -> parameter.paramLabel().equals(OVERRIDE))) {
            return null;
        }
        String[] parts = option.split("=", 2);
        if (parts[0].equals(MINUTES)) {
            return null; // an option of pretrain, not the minutes between checkpoints
        }
        ConfigKeys.Meant meant = ConfigKeys.meantKey(parts[0]);
        if (meant == null && near) {
            meant = ConfigKeys.nearKey(parts[0]);
        }
        if (meant == null) {
            return null;
        }
        if (command.name().equals("resume") && !ConfigFile.isResumable(meant.path())) {
            return "a resumed run keeps its " + meant.path();
        }
        int next = arguments.indexOf(option) + 1;
        boolean followed = next > 0
                && next < arguments.size()
                && !arguments.get(next).startsWith("--")
                && arguments.get(next).indexOf('=') < 0;
        String value = parts.length == 2 ? parts[1] : followed ? arguments.get(next) : null;
        return "write " + meant.override(value);
    }
}
