package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.capi.train.config.PretrainConfig.DeviceChoice;
import org.junit.jupiter.api.Test;

class DevicesTest {

    @Test
    void fusedAttentionIsNotUsedOnACpuAndTheReasonIsOneLine() {
        assumeTrue(Devices.used(DeviceChoice.AUTO) == DeviceChoice.CPU, "a GPU is in use");
        assertThat(Devices.fusedAttentionFailure())
                .contains("__cudnn$fmhaSoftmax")
                .contains("Host")
                .doesNotContain("\n");
    }
}
