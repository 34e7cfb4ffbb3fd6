package org.capi.train.workers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.capi.graph.CollectiveWorkers;
import org.capi.graph.pretrain.TrainStep;
import org.capi.train.config.ConfigFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;

/** What the workers of a vitl14 send in a step, counted in its graph: the table in {@code train/PERFORMANCE.md}. */
@Tag("slow")
class CollectiveBytesTest {

    private static final int IMAGES_PER_WORKER = 64;

    @ParameterizedTest
    @CsvSource({"8, false, 2033", "32, false, 2033", "8, true, 1058", "32, true, 1058"})
    void aStepOfVitl14(int workers, boolean rounded, long megabytes) {
        var config = ConfigFile.preset("vitl14")
                .with(List.of("optim.batch_size=" + workers * IMAGES_PER_WORKER, "optim.micro_batches=1"))
                .resolve();
        try (Graph graph = new Graph()) {
            var group = new CollectiveWorkers(workers, 0, new CollectiveWorkers.Settings(1, rounded, false));
            TrainStep.create(
                    Ops.create(graph), TBfloat16.class, config.step(workers).with(1, true), group);
            int collectives = 0;
            long sum = 0;
            for (var operations = graph.operations(); operations.hasNext(); ) {
                GraphOperation operation = operations.next();
                if (operation.type().equals("CollectiveReduceV2")) {
                    collectives++;
                    sum += operation.output(0).shape().size() * bytes(operation);
                }
            }
            assertThat(collectives).isEqualTo(22);
            assertThat(Math.round(sum / 1e6)).isEqualTo(megabytes);
        }
    }

    private static int bytes(GraphOperation operation) {
        return switch (operation.output(0).dataType()) {
            case DT_BFLOAT16 -> 2;
            case DT_FLOAT -> 4;
            case DT_DOUBLE -> 8;
            default -> throw new AssertionError(operation.output(0).dataType());
        };
    }
}
