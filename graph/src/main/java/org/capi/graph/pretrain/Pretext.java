package org.capi.graph.pretrain;

import org.capi.graph.vit.VitConfig;

/**
 * What the student is asked: where its targets come from, what they are, and the head that answers.
 *
 * @param goal what is said of a patch
 * @param head of the student
 * @param source where the targets come from
 */
public record Pretext(Goal goal, Head head, Source source) {

    /** CAPI's own. */
    public static final Pretext CAPI = new Pretext(Goal.CLUSTERING, Head.LINEAR, Source.AVERAGE);

    /** What the student says of a patch that it does not see. */
    public enum Goal {
        /** Which prototypes of a trained clustering the teacher's patch is assigned to. */
        CLUSTERING,
        /** Which prototypes the moving average of the student's own head assigns it to, as in iBOT. */
        IBOT,
        /** The target itself, number by number, as in I-JEPA. */
        DIRECT
    }

    /** The student's head. */
    public enum Head {
        /** One linear map. */
        LINEAR,
        /** DINO's three layers before it. */
        MLP,
        /** None: the predictor's output is the answer. */
        IDENTITY
    }

    /** Where targets come from. */
    public enum Source {
        /** The moving average of the student. */
        AVERAGE,
        /** An encoder that never changes. */
        FROZEN,
        /** The pixels themselves. */
        PIXELS;

        /** How many numbers a target has before it is assigned to anything. */
        int width(VitConfig vit) {
            return this == PIXELS ? 3 * vit.patchSize() * vit.patchSize() : vit.dim();
        }
    }

    /** Refuses what makes no sense together. */
    public Pretext {
        boolean direct = goal == Goal.DIRECT;
        check(direct || head != Head.IDENTITY, "assignments to prototypes need a head that scores them", goal, head);
        check(!direct || head != Head.MLP, "an MLP head scores prototypes, of which there are none", goal, head);
        check(direct || source != Source.PIXELS, "pixels are predicted directly, or not at all", goal, source);
        check(
                goal != Goal.IBOT || source == Source.AVERAGE,
                "a head that follows the student's needs features that follow the student's",
                goal,
                source);
    }

    /** Refuses a predictor whose output cannot be compared with the targets as it is. */
    void check(VitConfig vit) {
        int width = source.width(vit);
        boolean compared = head == Head.IDENTITY || goal == Goal.IBOT;
        if (compared && vit.predictorDim() != width) {
            throw new IllegalArgumentException("predictor_dim must be the width of the targets, " + width + ", under "
                    + goal + " with the head " + head + ", was " + vit.predictorDim());
        }
    }

    private static void check(boolean holds, String why, Goal goal, Enum<?> other) {
        if (!holds) {
            throw new IllegalArgumentException(goal + " does not go with " + other + ": " + why);
        }
    }
}
