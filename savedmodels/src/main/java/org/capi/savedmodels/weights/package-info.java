/**
 * Weights in other programs' files: PyTorch checkpoints and safetensors, into SavedModels and out of them.
 *
 * <p>Nothing in a file is ever executed. A pickle is read by {@link org.capi.savedmodels.weights.Unpickler}, which knows
 * the opcodes that checkpoints of tensors need and the globals of {@link org.capi.savedmodels.weights.Global} only; a
 * file that names anything else is refused whole.
 *
 * <p>Tensors are read from the file when they are asked for, by positioned reads and not by memory maps: a file that
 * somebody cuts short meanwhile is then an exception and no crash, and a process needs no more memory than one tensor.
 */
@NullMarked
package org.capi.savedmodels.weights;

import org.jspecify.annotations.NullMarked;
