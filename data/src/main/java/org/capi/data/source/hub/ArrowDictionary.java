package org.capi.data.source.hub;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The values of a dictionary-encoded column: those of its first batch and of the batches that extend it. */
final class ArrowDictionary {

    private final List<ArrowVector> batches = new ArrayList<>();

    void add(ArrowVector batch) {
        batches.add(batch);
    }

    /** Finds a value. */
    Value value(long index) throws IOException {
        long first = 0;
        for (ArrowVector batch : batches) {
            if (index >= first && index - first < batch.rows()) {
                return new Value(batch, (int) (index - first));
            }
            first += batch.rows();
        }
        throw new IOException("the dictionary has " + first + " values, there is no number " + index);
    }

    /** A row of one of the batches. */
    record Value(ArrowVector batch, int row) {}
}
