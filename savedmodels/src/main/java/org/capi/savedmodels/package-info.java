/**
 * Models in and out: SavedModels that hold their weights, written for every TensorFlow program and read back.
 *
 * <p>A SavedModel is written in the form that TensorFlow's own loaders restore from: saver ops in the graph, a
 * {@code SaverDef} and the collections of variables. The exporter of TensorFlow Java knows no resource variables and
 * leaves them out without a word, so it is not used here.
 *
 * <p>The signature {@code serving_default} takes {@code images}, float32 {@code [batch, height, width, 3]} in [0, 1],
 * and gives {@code global [batch, n]}, {@code registers [batch, registers, dim]} and {@code feature_map [batch, rows,
 * columns, dim]}. Normalisation is inside. Further signatures are added, each a {@link
 * org.capi.savedmodels.SavedModelWriter.Signature} of the same graph.
 */
package org.capi.savedmodels;
