package org.capi.graph.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import org.capi.golden.Golden;
import org.capi.graph.CollectiveWorkers;
import org.capi.graph.CollectiveWorkers.Settings;
import org.capi.graph.TestGraph;
import org.capi.graph.pretrain.ExecutionPlan.Recompute;
import org.capi.train.workers.LocalServers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/** The reference's own training run, made by several workers that share its batches. */
class GoldenWorkersTest {

    @BeforeEach
    void everyWorkerAndMicroBatchMustHaveAnImage() {
        var hyper = Golden.fixture("train").hyper();
        assumeThat(hyper.get("drop_path").asDouble())
                .as("each worker draws its own dropped branches")
                .isZero();
        assumeThat(hyper.get("batch").asInt() % 4)
                .as("images left over for 4 workers, or 2 with 2 micro-batches")
                .isZero();
    }

    @Test
    void twoWorkersMakeTheReferencesTrajectory() throws InterruptedException {
        assertTrajectory(2, ExecutionPlan.PLAIN, false);
    }

    @ParameterizedTest
    @Tag("slow")
    @CsvSource({"4, 1, OFF, 1, false", "2, 2, OFF, 1, false", "2, 1, BLOCKS, 2, false", "2, 1, OFF, 1, true"})
    void anyWorkersMakeTheReferencesTrajectory(
            int workers, int microBatches, Recompute recompute, int streams, boolean compiled)
            throws InterruptedException {
        var plan = new ExecutionPlan(microBatches, recompute).with(streams, compiled);
        assertTrajectory(workers, plan, compiled);
    }

    private static void assertTrajectory(int workers, ExecutionPlan plan, boolean clusters)
            throws InterruptedException {
        ConfigProto settings = clusters ? CompiledStepTest.CLUSTERS : ConfigProto.getDefaultInstance();
        var done = LocalServers.run(workers, server -> {
            var graph = new TestGraph(opened -> server.session(opened, settings));
            var group = new CollectiveWorkers(
                    workers, server.cluster().rank(), new Settings(server.timeoutSeconds(), false, false));
            try (var training = new GoldenTraining<>(graph, TFloat32.class, plan, group)) {
                GoldenTrainTest.assertTrajectory(training);
                return training.steps();
            }
        });
        assertThat(done).hasSize(workers).doesNotContain(0);
    }
}
