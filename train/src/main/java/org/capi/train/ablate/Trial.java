package org.capi.train.ablate;

import java.util.List;

/**
 * One training of a variant.
 *
 * @param variant what messages call it
 * @param slug the name of the variant's files, which variants with one configuration share
 * @param data what it is trained on, {@code DIR[:SPLIT][,DIR...]}
 * @param steps of the whole training
 * @param evaluations that it is judged by
 */
record Trial(String variant, String slug, long seed, String data, int steps, List<JudgeEntry> evaluations) {

    Trial {
        evaluations = List.copyOf(evaluations);
    }

    /** The name of its folder. */
    String folder() {
        return slug + "-seed-" + seed;
    }

    /** {@code inverse block, seed 1}. */
    String label() {
        return variant + ", seed " + seed;
    }
}
