package org.capi.graph.clustering;

import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * What a teacher's head makes of a batch.
 *
 * @param assignments {@code [positions, batch, prototypes]}, without gradient
 * @param loss that the head is trained by, a scalar; null if it is not trained
 */
public record Clusters(
        Operand<TFloat32> assignments, @Nullable Operand<TFloat32> loss) {}
