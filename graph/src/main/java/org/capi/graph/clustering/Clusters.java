package org.capi.graph.clustering;

import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/**
 * What the clustering head makes of a batch.
 *
 * @param assignments {@code [positions, batch, prototypes]}, without gradient
 * @param loss the clustering loss, a scalar
 */
public record Clusters(Operand<TFloat32> assignments, Operand<TFloat32> loss) {}
