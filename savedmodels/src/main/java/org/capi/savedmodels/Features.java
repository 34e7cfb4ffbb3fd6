package org.capi.savedmodels;

import org.tensorflow.ndarray.FloatNdArray;

/**
 * What an encoder gives for a batch of images.
 *
 * @param global {@code [batch, n]}
 * @param registers {@code [batch, registers, dim]}
 * @param featureMap {@code [batch, rows, columns, dim]}
 */
public record Features(FloatNdArray global, FloatNdArray registers, FloatNdArray featureMap) {}
