package org.capi.graph.clustering;

import org.capi.graph.Parameters;
import org.capi.graph.layer.Linear;
import org.capi.graph.layer.Mlp;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;

/**
 * A head of the kind of DINO's (Caron et al. 2021): two hidden layers of twice the width with GELU, a third to a quarter of
 * it, then a linear head. At ViT-L's width of 1024 these are DINO's own 2048, 2048 and 256; there are no biases, as
 * nowhere in the model.
 */
public record MlpHead<T extends TFloating>(Linear<T> first, Linear<T> second, Linear<T> third, PredictionHead<T> last)
        implements PrototypeHead<T> {

    private static final int HIDDEN = 2;
    private static final int NARROWED = 4;

    /** Declares {@code fc1}, {@code fc2}, {@code fc3} and {@code last_layer}. */
    public static <T extends TFloating> MlpHead<T> create(Parameters<T> params, int dim, int prototypes) {
        int hidden = HIDDEN * dim;
        int narrow = dim / NARROWED;
        return new MlpHead<>(
                Linear.create(params.in("fc1"), dim, hidden),
                Linear.create(params.in("fc2"), hidden, hidden),
                Linear.create(params.in("fc3"), hidden, narrow),
                PredictionHead.create(params, narrow, prototypes));
    }

    @Override
    public Operand<T> apply(Ops tf, Operand<T> x) {
        var hidden = Mlp.gelu(tf, second.apply(tf, Mlp.gelu(tf, first.apply(tf, x))));
        return last.apply(tf, third.apply(tf, hidden));
    }
}
