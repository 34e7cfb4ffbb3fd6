package org.capi.data.batch;

import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/**
 * The input of one training step.
 *
 * @param images {@code [batch, height, width, 3]}
 * @param visible {@code [batch * visible]}, positions in the flattened {@code [batch * tokens]} grid
 * @param predicted {@code [batch * predicted]}, as {@code visible}
 */
public record Batch(TUint8 images, TInt64 visible, TInt64 predicted, long step) implements AutoCloseable {

    @Override
    public void close() {
        images.close();
        visible.close();
        predicted.close();
    }
}
