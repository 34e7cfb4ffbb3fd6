package org.capi.train.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.capi.train.TinyRun;
import org.junit.jupiter.api.Test;

class AlarmTest {

    @Test
    void aHealthyRunRaisesNone() {
        assertThat(Alarm.of(Map.of("prototype_use", 0.7, "positional_collapse", 0.2)))
                .isEmpty();
    }

    @Test
    void whatIsNotMeasuredRaisesNone() {
        assertThat(Alarm.of(Map.of())).isEmpty();
        assertThat(Alarm.of(Map.of("prototype_use", Double.NaN))).isEmpty();
    }

    @Test
    void eachMeasureHasItsAlarmAndItsAdvice() {
        var alarms = Alarm.of(Map.of("prototype_use", 0.049, "positional_collapse", 0.21));
        assertThat(alarms).extracting(Alarm::measure).containsExactly("prototype_use", "positional_collapse");
        var standard = TinyRun.config(2, "capi.sinkhorn=standard");
        assertThat(alarms.get(0).advice(standard))
                .isEqualTo("prototype_use is 4.9 %, below 5 %: training has collapsed to a few of the 16"
                        + " prototypes; try"
                        + " capi.sinkhorn=positionwise, a lower optim.learning_rate and optim.clustering_learning_rate,"
                        + " fewer capi.prototypes");
        assertThat(alarms.get(1).advice(TinyRun.config(2)))
                .startsWith("positional_collapse is 21.0 %, above 20 %")
                .endsWith("; try a lower optim.learning_rate and optim.clustering_learning_rate");
    }

    @Test
    void aRunThatUsesFewerPrototypesThanUsualIsWarnedAboutInOtherWords() {
        var alarms = Alarm.of(Map.of("prototype_use", 0.33));
        assertThat(alarms).hasSize(1);
        assertThat(alarms.get(0).advice(TinyRun.config(2)))
                .startsWith(
                        "prototype_use is 33.0 %, below 70 %: fewer of the 16 prototypes are used than in a healthy run");
    }
}
