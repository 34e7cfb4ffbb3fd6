package org.capi.graph.vit;

import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/**
 * The outputs of a forward pass with masking.
 *
 * @param visible encoded visible patches, without the registers {@code [batch, visible, dim]}
 * @param predictions one row for each asked position {@code [batch · predicted, predictorDim]}
 */
public record Prediction<T extends TFloating>(Operand<T> visible, Operand<T> predictions) {}
