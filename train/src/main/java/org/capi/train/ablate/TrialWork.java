package org.capi.train.ablate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.files.FolderTree;

/** Does what a training still lacks: trains it, exports its teacher, and judges that. */
record TrialWork(TrialFolder folder, Launcher launcher, Runnable meanwhile) {

    /** Thrown when a command ended otherwise than well. */
    private static final class CommandFailedException extends Exception {

        private static final long serialVersionUID = 1L;

        private final TrialFailure failure;

        CommandFailedException(TrialFailure failure) {
            super(failure.reason());
            this.failure = failure;
        }
    }

    /** Whether there is anything to do. */
    boolean wanted() throws IOException {
        Outcome outcome = folder.outcome(folder.trial().evaluations());
        return !outcome.finished() && outcome.state() != Outcome.State.DIVERGED;
    }

    /** Works until the training has its result, has failed, or a signal came; a failure is put down. */
    void work() throws IOException, InterruptedException {
        folder.forgetFailure();
        try {
            if (!folder.trained()) {
                train();
            }
            judge();
        } catch (CommandFailedException e) {
            if (launcher.stoppedBy() == 0) {
                folder.fail(e.failure);
            }
        }
    }

    private void train() throws IOException, InterruptedException, CommandFailedException {
        Trial trial = folder.trial();
        if (folder.newestStep() >= 0) {
            run(List.of("resume", "--run=" + folder.run(), "--data=" + trial.data()), folder.log());
        } else {
            FolderTree.delete(folder.run()); // it was killed before its first checkpoint
            run(
                    List.of(
                            "pretrain",
                            "--data=" + trial.data(),
                            "--run=" + folder.run(),
                            "--config=" + folder.configFile(),
                            "seed=" + trial.seed()),
                    folder.log());
        }
        if (!folder.trained()) {
            throw new CommandFailedException(
                    new TrialFailure(0, "the training ended at step " + folder.newestStep() + " of " + trial.steps()));
        }
    }

    private void judge() throws IOException, InterruptedException, CommandFailedException {
        boolean exported = false;
        for (JudgeEntry entry : folder.trial().evaluations()) {
            if (folder.measured(entry).isPresent()) {
                continue;
            }
            if (!exported) {
                FolderTree.delete(folder.model()); // it may be torn
                run(List.of("export", "--run=" + folder.run(), "--to=" + folder.model()), folder.log());
                exported = true;
            }
            Path out = folder.evaluation(entry);
            folder.dropOtherwiseDefined(entry);
            Path output = Files.createDirectories(out).resolve("output.txt");
            Files.deleteIfExists(output);
            run(entry.command(folder.model(), out), output);
            try {
                folder.keep(entry, lastLine(output));
            } catch (IOException | IllegalArgumentException e) {
                throw new CommandFailedException(
                        new TrialFailure(0, "the evaluation " + entry.name() + " gave no result: " + e.getMessage()));
            }
        }
    }

    private void run(List<String> arguments, Path output)
            throws IOException, InterruptedException, CommandFailedException {
        int status = launcher.run(arguments, output, meanwhile);
        if (status != 0 || launcher.stoppedBy() != 0) {
            String said = lastLine(output).replaceFirst("^capi: ", "");
            throw new CommandFailedException(new TrialFailure(
                    status, arguments.get(0) + " ended with status " + status + (said.isEmpty() ? "" : ": " + said)));
        }
    }

    private static String lastLine(Path output) throws IOException {
        if (!Files.exists(output)) {
            return "";
        }
        List<String> lines = Files.readAllLines(output).stream()
                .filter(line -> !line.isBlank())
                .toList();
        return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    }
}
