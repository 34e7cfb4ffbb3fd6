package org.capi.train.workers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.capi.train.config.ConfigFile;
import org.capi.train.run.RunRecord;
import org.capi.train.run.RunRecord.ImageSet;
import org.jspecify.annotations.Nullable;

/**
 * What a worker is about to do: workers compare theirs before they start.
 *
 * @param command {@code pretrain} or {@code resume}
 * @param version of the program
 * @param commit that it was built from; null outside a checkout
 * @param tensorflow the version of TensorFlow
 * @param config as YAML
 * @param images the sizes and fingerprints of the image sets, whose paths may differ
 * @param step of the checkpoint to continue from, which only worker 0 knows; 0 for a new run and for other workers
 */
public record WorkerPlan(
        String command,
        String version,
        @Nullable String commit,
        String tensorflow,
        String config,
        List<String> images,
        long step) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** The one key that may differ: machines may have other numbers of cores. */
    private static final String THREADS = "data.threads";

    public WorkerPlan {
        images = List.copyOf(images);
    }

    /** That of this program. */
    public static WorkerPlan of(String command, String config, List<ImageSet> sets, long step) {
        RunRecord here = RunRecord.now(List.of(), sets);
        return new WorkerPlan(
                command,
                here.version(),
                here.commit(),
                here.tensorflow(),
                config,
                sets.stream()
                        .map(set -> set.images() + " images with the fingerprint " + set.fingerprint())
                        .toList(),
                step);
    }

    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns worker 0's plan; plans that differ are refused, with the first difference. */
    public WorkerPlan agreed(List<String> texts) {
        List<WorkerPlan> plans = texts.stream().map(WorkerPlan::parse).toList();
        for (int k = 1; k < plans.size(); k++) {
            String difference = plans.get(0).difference(plans.get(k), k);
            if (difference != null) {
                throw new IllegalArgumentException("all workers must have the same " + difference);
            }
        }
        return plans.get(0);
    }

    private static WorkerPlan parse(String text) {
        try {
            return JSON.readValue(text, WorkerPlan.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a worker is of another version of this program: " + e.getMessage(), e);
        }
    }

    private @Nullable String difference(WorkerPlan other, int rank) {
        String first = " in worker 0, ";
        String second = " in worker " + rank;
        String of = differs("version of the program", WorkerPlan::version, other, first, second);
        of = of != null ? of : differs("commit of the program", WorkerPlan::commit, other, first, second);
        of = of != null ? of : differs("version of TensorFlow", WorkerPlan::tensorflow, other, first, second);
        of = of != null ? of : differs("command", WorkerPlan::command, other, first, second);
        of = of != null ? of : differs("images", plan -> String.join(", ", plan.images), other, first, second);
        if (of != null) {
            return of;
        }
        String keys = ConfigFile.parse(config, "the configuration of worker 0")
                .allDifferences(ConfigFile.parse(other.config, "the configuration of worker " + rank), first, second)
                .stream()
                .filter(line -> !line.startsWith(THREADS + " "))
                .collect(Collectors.joining("; "));
        return keys.isEmpty() ? null : "configuration: " + keys;
    }

    private @Nullable String differs(
            String what, Function<WorkerPlan, @Nullable String> part, WorkerPlan other, String first, String second) {
        return Objects.equals(part.apply(this), part.apply(other))
                ? null
                : what + ": " + part.apply(this) + first + part.apply(other) + second;
    }
}
