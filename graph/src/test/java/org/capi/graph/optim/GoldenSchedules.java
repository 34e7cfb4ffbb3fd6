package org.capi.graph.optim;

import com.fasterxml.jackson.databind.JsonNode;

/** Schedules as the golden manifests write them, with the reference's defaults. */
public final class GoldenSchedules {

    private GoldenSchedules() {}

    /** A schedule that holds its own length. */
    public static Schedule of(JsonNode hyper) {
        return of(hyper, hyper.get("total_iters").asLong());
    }

    /** A schedule of a given length. */
    public static Schedule of(JsonNode hyper, long totalSteps) {
        return new Schedule(
                hyper.path("start_warmup_value").asDouble(0),
                hyper.get("base_value").asDouble(),
                hyper.path("final_value").asDouble(0),
                hyper.path("freeze_iters").asLong(0),
                hyper.path("warmup_iters").asLong(0),
                hyper.path("truncate_cos").asDouble(1),
                totalSteps);
    }
}
