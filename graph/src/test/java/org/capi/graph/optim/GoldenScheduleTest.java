package org.capi.graph.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.stream.LongStream;
import org.capi.golden.Golden;
import org.junit.jupiter.api.Test;

class GoldenScheduleTest {

    private static final List<String> DEFAULTS = List.of("default_lr", "default_momentum");

    private final Golden golden = Golden.fixture("schedule");

    @Test
    void everyStepOfEveryScheduleIsTheReferences() {
        int i = 0;
        for (JsonNode hyper : golden.hyper().get("configs")) {
            String name = "config" + i++;
            long steps = golden.array(name).size();
            compare(name, GoldenSchedules.of(hyper), LongStream.range(0, steps).toArray());
        }
    }

    @Test
    void theDefaultSchedulesAreTheReferences() throws IOException {
        for (String name : DEFAULTS) {
            if (!golden.has(name)) {
                continue;
            }
            long[] steps = golden.array("default_its").longs();
            JsonNode hyper = new ObjectMapper().readTree(golden.text(name, "meaning"));
            compare(name, GoldenSchedules.of(hyper), steps);
        }
    }

    private void compare(String name, Schedule schedule, long[] steps) {
        double[] expected = golden.array(name).doubles();
        for (int i = 0; i < steps.length; i++) {
            double tolerance = 1e-12 * Math.max(1e-3, Math.abs(expected[i]));
            assertThat(schedule.at(steps[i])).as(name + " at " + steps[i]).isCloseTo(expected[i], within(tolerance));
        }
    }
}
