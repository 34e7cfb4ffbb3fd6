package org.capi.train.config;

/**
 * When the state of a run is saved, and how long it is kept.
 *
 * @param every steps between two checkpoints
 * @param maxToKeep how many of the newest stay
 * @param keepEvery checkpoints of its multiples stay for good; 0 for none
 */
public record Checkpoint(int every, int maxToKeep, int keepEvery) {

    public Checkpoint {
        Rule.atLeast("checkpoint.every", 1, every);
        Rule.atLeast("checkpoint.max_to_keep", 1, maxToKeep);
        Rule.atLeast("checkpoint.keep_every", 0, keepEvery);
        Rule.check(
                keepEvery % every == 0,
                "checkpoint.keep_every",
                "must be a multiple of checkpoint.every, which is " + every,
                keepEvery);
    }
}
