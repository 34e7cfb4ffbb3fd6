package org.capi.graph.optim;

import org.capi.graph.Role;

/**
 * The factors on learning rate and weight decay that a parameter's role brings.
 *
 * @param patchEmbedRate learning-rate factor of the patch embedding, weight and bias
 * @param normDecay weight-decay factor of the gains of norms
 * @param biasDecay weight-decay factor of biases
 */
public record ParameterGroups(double patchEmbedRate, double normDecay, double biasDecay) {

    /** Every parameter alike, the reference's treatment of the clustering head. */
    public static final ParameterGroups UNIFORM = new ParameterGroups(1, 1, 1);

    /** The factor on the learning rate; 0 for what training must not change. */
    public double rate(Role role) {
        return switch (role) {
            case ROPE -> 0;
            case PATCH_EMBED, PATCH_EMBED_BIAS -> patchEmbedRate;
            case WEIGHT, BIAS, NORM, TOKEN -> 1;
        };
    }

    /** The factor on the weight decay. */
    public double decay(Role role) {
        return switch (role) {
            case NORM -> normDecay;
            case BIAS, PATCH_EMBED_BIAS -> biasDecay;
            case WEIGHT, TOKEN, PATCH_EMBED, ROPE -> 1;
        };
    }
}
