package org.capi.graph;

/** What a parameter is for; learning-rate and weight-decay multipliers go by it. */
public enum Role {
    /** A matrix of a linear map, or a weight of a head. */
    WEIGHT,
    /** A bias of a linear map. */
    BIAS,
    /** The gain of a norm. */
    NORM,
    /** A learned token: registers and the mask token. */
    TOKEN,
    /** The projection of patches to tokens. */
    PATCH_EMBED,
    /** The bias of that projection. */
    PATCH_EMBED_BIAS,
    /** The frequencies of a rotary embedding; never changed by training. */
    ROPE
}
