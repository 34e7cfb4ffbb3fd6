package org.capi.train.ablate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.capi.data.Progress;

/**
 * Trains and judges every variant of a plan, one after the other, and fills the tables after each.
 *
 * @param progress hears of steps, those of all trainings together
 */
public record Ablation(Plan plan, AblationFolder folder, Launcher launcher, Progress progress, Consumer<String> say) {

    /**
     * What all came to.
     *
     * @param failures what is said of each training that failed
     * @param stoppedBy the number of the signal that ended it early; 0 for none
     */
    public record Result(List<FilledTable> tables, List<String> failures, int stoppedBy) {

        public Result {
            tables = List.copyOf(tables);
            failures = List.copyOf(failures);
        }
    }

    /** Does what is not done yet; a training that fails does not keep the others from theirs. */
    public Result run() throws IOException, InterruptedException {
        List<Trial> trials = plan.trials();
        long total = trials.stream().mapToLong(Trial::steps).sum();
        long done = 0;
        for (Trial trial : trials) {
            TrialFolder files = folder.trial(trial);
            done += Math.min(trial.steps(), Math.max(0, files.newestStep()));
        }
        progress.from(done, total);
        for (int i = 0; i < trials.size() && launcher.stoppedBy() == 0; i++) {
            Trial trial = trials.get(i);
            TrialFolder files = folder.trial(trial);
            long before = Math.min(trial.steps(), Math.max(0, files.newestStep()));
            long others = done - before;
            Runnable meanwhile =
                    () -> progress.at(others + Math.min(trial.steps(), Math.max(before, files.lastStep())), total);
            var work = new TrialWork(files, launcher, meanwhile);
            if (work.wanted()) {
                say.accept(i + 1 + " of " + trials.size() + ": " + trial.label()
                        + (before > 0 ? ", going on after step " + before : ""));
                work.work();
                saySoFar(trial, files);
                FilledTables.of(plan, folder).write(folder);
            }
            done = others + (launcher.stoppedBy() == 0 ? trial.steps() : before);
        }
        FilledTables tables = FilledTables.of(plan, folder);
        tables.write(folder);
        return new Result(tables.tables(), failures(trials), launcher.stoppedBy());
    }

    private void saySoFar(Trial trial, TrialFolder files) throws IOException {
        Outcome outcome = files.outcome(trial.evaluations());
        if (outcome.failed()) {
            say.accept(trial.label() + " " + outcome.state() + ": " + outcome.reason());
        } else if (outcome.finished()) {
            List<String> found = new ArrayList<>();
            outcome.measures().forEach((name, value) -> found.add(name + " " + Percent.of(value)));
            say.accept(trial.label() + ": " + String.join(", ", found));
        }
    }

    private List<String> failures(List<Trial> trials) throws IOException {
        List<String> failures = new ArrayList<>();
        for (Trial trial : trials) {
            Outcome outcome = folder.trial(trial).outcome(trial.evaluations());
            if (outcome.failed()) {
                failures.add(trial.label() + " (" + outcome.reason() + ")");
            }
        }
        return failures;
    }
}
