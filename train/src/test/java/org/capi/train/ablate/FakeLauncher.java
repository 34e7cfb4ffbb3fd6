package org.capi.train.ablate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.capi.train.config.ConfigFile;

/** Commands that leave what real ones leave, without their work. */
final class FakeLauncher implements Ablation.Launcher {

    /** Every command so far, its name and the run it is about: {@code pretrain block-seed-0}. */
    final List<String> commands = new ArrayList<>();
    /** How the next command of such a text ends, instead of well; used once. */
    private final Map<String, Ending> endings = new HashMap<>();
    /** What evaluations measure, by runs. */
    private final Map<String, Double> accuracies = new HashMap<>();

    private int signal;

    /** An end before the end. */
    record Ending(int status, long step, String said, int signal) {}

    FakeLauncher ends(String command, int status, long step, String said) {
        endings.put(command, new Ending(status, step, said, 0));
        return this;
    }

    FakeLauncher isStopped(String command, int signalNumber, long step) {
        endings.put(command, new Ending(128 + signalNumber, step, "", signalNumber));
        return this;
    }

    FakeLauncher measures(String run, double accuracy) {
        accuracies.put(run, accuracy);
        return this;
    }

    @Override
    public int stoppedBy() {
        return signal;
    }

    @Override
    public int run(List<String> arguments, Path output, Runnable meanwhile) throws IOException {
        Map<String, String> options = arguments.stream()
                .filter(word -> word.startsWith("--") && word.contains("="))
                .collect(Collectors.toMap(
                        word -> word.substring(2, word.indexOf('=')), word -> word.substring(word.indexOf('=') + 1)));
        Path run = Path.of(options.getOrDefault("run", runOf(options.getOrDefault("model", "."))));
        String command = arguments.get(0) + " " + run.getFileName();
        commands.add(command);
        Optional<Ending> ending = Optional.ofNullable(endings.remove(command));
        Files.createDirectories(output.resolveSibling(""));
        switch (arguments.get(0)) {
            case "pretrain" -> {
                if (Files.exists(run)) {
                    throw new AssertionError("the folder of a new run must not exist: " + run);
                }
                Files.createDirectories(run);
                var seed = List.of(arguments.get(arguments.size() - 1));
                Files.writeString(
                        run.resolve("config.yaml"),
                        ConfigFile.read(Path.of(options.getOrDefault("config", "")))
                                .with(seed)
                                .resolve()
                                .toYaml());
                train(run, ending);
            }
            case "resume" -> train(run, ending);
            case "export" -> Files.createDirectories(Path.of(options.getOrDefault("to", "")));
            case "eval" -> {
                if (ending.isEmpty()) {
                    double top1 = accuracies.getOrDefault(String.valueOf(run.getFileName()), 0.5);
                    Files.writeString(output, "a sentence\n{\"top1\":" + top1 + "}\n");
                }
            }
            default -> throw new AssertionError("no such command: " + arguments);
        }
        meanwhile.run();
        if (ending.isPresent()) {
            Files.writeString(output, ending.get().said() + "\n");
            signal = ending.get().signal();
            return ending.get().status();
        }
        return 0;
    }

    /** Leaves metrics and a checkpoint of the last step, or of the one where it ends; none before the first. */
    private static void train(Path run, Optional<Ending> ending) throws IOException {
        int total =
                ConfigFile.read(run.resolve("config.yaml")).resolve().optim().totalSteps();
        long last = ending.map(Ending::step).orElse((long) total);
        if (last < 0) {
            return;
        }
        StringBuilder lines = new StringBuilder();
        for (int step = 1; step <= last; step++) {
            lines.append(
                    "{\"step\":%d,\"student_loss\":%d.5,\"time\":{\"step_seconds\":6}}\n".formatted(step, 10 - step));
        }
        Files.writeString(run.resolve("metrics.jsonl"), lines.toString());
        Path checkpoint = run.resolve("checkpoints").resolve("step-%07d".formatted(last));
        Files.createDirectories(checkpoint);
        Files.writeString(checkpoint.resolve("complete"), "1");
    }

    private static String runOf(String model) {
        return Path.of(model).resolve("../..").normalize().toString();
    }
}
