package org.capi.graph.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ScheduleTest {

    @Test
    void theWarmUpEndsWhereTheCosineBegins() {
        var schedule = Schedule.of(0, 2, 0, 5, 0.8, 20);
        assertThat(schedule.at(0)).isZero();
        assertThat(schedule.at(4)).isEqualTo(2);
        assertThat(schedule.at(5)).isEqualTo(2);
        assertThat(schedule.at(19)).isGreaterThan(0);
        assertThat(schedule.at(20)).isZero();
    }

    @Test
    void aWarmUpLongerThanTheTrainingIsRefused() {
        assertThatThrownBy(() -> Schedule.of(0, 1, 0, 21, 1, 20))
                .hasMessage("warmup_steps must be between 0 and total_steps 20, was 21");
    }
}
