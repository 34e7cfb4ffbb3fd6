package org.capi.savedmodels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BirderFileTest {

    @ParameterizedTest
    @CsvSource({
        "rope_vit_reg4_b14, 12, 14, 4, ''",
        "rope_vit_reg4_b14_capi-places365, 12, 14, 4, ''",
        "rope_vit_b16, 12, 16, 0, ''",
        "rope_vit_reg8_b14_nps_avg_capi-dino-bio, 12, 14, 8, avg nps",
        "rope_vit_reg8_so150m_p14_swiglu_rms_avg_capi_3, 16, 14, 8, avg rms swiglu"
    })
    void publishedNamesAreRead(String name, int heads, int patchSize, int registers, String parts) {
        var network = BirderFile.Network.of(name);
        assertThat(network.size().heads()).isEqualTo(heads);
        assertThat(network.patchSize()).isEqualTo(patchSize);
        assertThat(network.registers()).isEqualTo(registers);
        assertThat(String.join(" ", new TreeSet<>(network.parts()))).isEqualTo(parts);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rope_vit_reg4_b14_ls",
                "rope_vit_reg8_so150m_p14_swiglu_rms_ap_rotnet-capi",
                "rope_vit_reg4_b14_quick_gelu",
                "rope_vit_reg4_b14_avg_c1",
                "rope_vit_reg4_x14"
            })
    void networksOfOtherPartsAreRefusedByName(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BirderFile.Network.of(name))
                .withMessageContaining("known, was " + name);
    }

    @Test
    void anotherRotationIsNoNetworkOfThisFamily() {
        for (String name : new String[] {"rope_i_vit_reg1_b16", "rope_cs_vit_reg4_b14", "vit_reg4_b14", "weights"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> BirderFile.Network.of(name))
                    .withMessageContaining("must be given by a name such as rope_vit_reg4_b14, was " + name);
        }
    }
}
