package org.capi.graph.vit;

import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * Registers and patches, in this order, and where they are.
 *
 * @param values {@code [batch, registers + patches, dim]}
 * @param where {@code [batch, registers + patches, 2]}
 */
public record Tokens<T extends TFloating>(Operand<T> values, Operand<TFloat32> where) {}
