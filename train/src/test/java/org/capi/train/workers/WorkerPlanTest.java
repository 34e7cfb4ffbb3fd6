package org.capi.train.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.capi.train.TinyRun;
import org.capi.train.run.RunRecord.ImageSet;
import org.junit.jupiter.api.Test;

class WorkerPlanTest {

    private static final WorkerPlan FIRST = plan(10, "aa", "seed=1");

    @Test
    void allGoOnFromTheCheckpointOfWorkerZero() {
        assertThat(FIRST.agreed(List.of(
                        FIRST.toJson(),
                        plan(0, "aa", "seed=1", "data.threads=7").toJson())))
                .isEqualTo(FIRST);
    }

    @Test
    void anotherConfigurationIsRefusedWithBothValues() {
        refused(
                plan(0, "aa", "seed=1", "optim.betas=[0.9, 0.99]"),
                "all workers must have the same configuration: optim.betas is [0.9,0.95] in worker 0, [0.9,0.99] in"
                        + " worker 1");
    }

    @Test
    void otherImagesAreRefusedWithBothFingerprints() {
        refused(
                plan(0, "bb", "seed=1"),
                "all workers must have the same images: 20 images with the fingerprint aa in worker 0, 20 images with the"
                        + " fingerprint bb in worker 1");
    }

    @Test
    void anotherProgramIsRefusedWithBothVersions() {
        var other = new WorkerPlan(
                FIRST.command(), "9.9", FIRST.commit(), FIRST.tensorflow(), FIRST.config(), FIRST.images(), 0);
        refused(
                other,
                "all workers must have the same version of the program: " + FIRST.version()
                        + " in worker 0, 9.9 in worker 1");
    }

    @Test
    void aNewRunAndAResumedOneDoNotMix() {
        var other = new WorkerPlan(
                "pretrain", FIRST.version(), FIRST.commit(), FIRST.tensorflow(), FIRST.config(), FIRST.images(), 0);
        refused(other, "all workers must have the same command: resume in worker 0, pretrain in worker 1");
    }

    private static void refused(WorkerPlan other, String message) {
        assertThatThrownBy(() -> FIRST.agreed(List.of(FIRST.toJson(), other.toJson())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static WorkerPlan plan(long step, String fingerprint, String... overrides) {
        return WorkerPlan.of(
                "resume",
                TinyRun.config(4, overrides).toYaml(),
                List.of(new ImageSet("/sets/a", 20, fingerprint)),
                step);
    }
}
