package org.capi.graph.pretrain;

/**
 * Over how many steps the signs of collapse are measured: a step counts {@code decay} times as much as the one after it,
 * and all together give an estimate as steady as one from {@code steps} steps of equal weight.
 */
public record CollapseWindow(int steps) {

    /** Checks the length. */
    public CollapseWindow {
        if (steps < 1) {
            throw new IllegalArgumentException("collapse_window must be at least 1 step, was " + steps);
        }
    }

    /** {@code (steps - 1) / (steps + 1)}: weights wᵢ = decayⁱ have (Σw)² / Σw² = (1 + decay) / (1 - decay) = steps. */
    double decay() {
        return (steps - 1.0) / (steps + 1.0);
    }

    /**
     * How much the positional collapse of tokens without any is overestimated once the window is full: mutual information
     * estimated from N tokens is too large by (positions - 1)·(prototypes - 1) / (2N) nats on average (Miller 1955), where
     * each token has one prototype. Soft and positionwise balanced assignments come out lower.
     *
     * @param images of a step, each with a token at every position
     */
    public double bias(long positions, long prototypes, long images) {
        if (positions == 1) {
            return 0;
        }
        double tokens = (double) steps * images * positions;
        return (positions - 1.0) * (prototypes - 1.0) / (2 * tokens) / Math.log((double) positions);
    }
}
