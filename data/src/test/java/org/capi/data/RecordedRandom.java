package org.capi.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.Queue;

/** Gives back numbers that were drawn elsewhere, and checks that the requested ranges are the recorded ones. */
public final class RecordedRandom extends CounterRandom {

    private final Queue<Recorded> recorded = new ArrayDeque<>();

    public RecordedRandom() {
        super(0);
    }

    private record Recorded(double low, double high, double value) {}

    /** The next uniform number, with the range that it was drawn from. */
    public RecordedRandom uniformly(double low, double high, double value) {
        recorded.add(new Recorded(low, high, value));
        return this;
    }

    /** The next whole number, with its bound. */
    public RecordedRandom whole(int bound, int value) {
        recorded.add(new Recorded(0, bound, value));
        return this;
    }

    @Override
    public double uniform(double low, double high) {
        Recorded next = recorded.remove();
        assertThat(low).isCloseTo(next.low, within(1e-9));
        assertThat(high).isCloseTo(next.high, within(1e-9));
        return next.value;
    }

    @Override
    public int below(int bound) {
        Recorded next = recorded.remove();
        assertThat(bound).isEqualTo((int) next.high);
        return (int) next.value;
    }

    /** Fails when not every recorded number was requested. */
    public void assertUsedUp() {
        assertThat(recorded).isEmpty();
    }
}
