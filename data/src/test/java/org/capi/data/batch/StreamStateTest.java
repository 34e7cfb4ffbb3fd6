package org.capi.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StreamStateTest {

    @Test
    void samplesAreCountedOnOverTheEpochs() {
        StreamState start = StreamState.start(7, 10);
        assertThat(start.after(9)).isEqualTo(new StreamState(7, 10, 0, 9));
        assertThat(start.after(10)).isEqualTo(new StreamState(7, 10, 1, 0));
        assertThat(start.after(9).after(26)).isEqualTo(new StreamState(7, 10, 3, 5));
        assertThat(new StreamState(7, 10, 3, 5).samples()).isEqualTo(35);
    }

    @Test
    void anotherSeedOrAnotherNumberOfImagesIsRefusedByName() {
        StreamState state = StreamState.start(7, 10);
        state.check(7, 10);
        assertThatThrownBy(() -> state.check(8, 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the samples were drawn with seed 7, not 8; continue with the same seed");
        assertThatThrownBy(() -> state.check(7, 11))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the samples were drawn from 10 images, not 11; continue with the same images");
    }

    @Test
    void placesThatAreNoneAreRefused() {
        assertThatThrownBy(() -> new StreamState(7, 10, 0, 10))
                .hasMessage("the position in an epoch of 10 rows must be from 0 to 9, was 10");
        assertThatThrownBy(() -> new StreamState(7, 10, -1, 0)).hasMessage("the epoch must be at least 0, was -1");
        assertThatThrownBy(() -> new StreamState(7, 0, 0, 0)).hasMessageContaining("at least 1, was 0");
    }
}
