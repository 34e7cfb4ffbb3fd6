package org.capi.eval.probe;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;

/** The labelled images of a dataset, nine tenths to train on and the others to choose by. */
record RowSplit(List<Long> train, List<Long> validation) {

    private static final double TRAIN = 0.9;

    /** The reference splits every dataset by this one. */
    private static final int SEED = 42;

    RowSplit {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
    }

    static RowSplit of(ImageDataset dataset) {
        List<Long> rows = labelled(dataset);
        if (rows.size() < 2) {
            throw new IllegalArgumentException(
                    "a probe needs at least 2 labelled training images, " + dataset.folder() + " has " + rows.size());
        }
        List<Long> order = Arrays.stream(NumpyPermutation.of(rows.size(), SEED))
                .mapToObj(rows::get)
                .toList();
        int first = Math.min(order.size() - 1, (int) Math.rint(TRAIN * order.size()));
        return new RowSplit(order.subList(0, first), order.subList(first, order.size()));
    }

    static List<Long> labelled(ImageDataset dataset) {
        return LongStream.range(0, dataset.size())
                .filter(row -> dataset.facts(row).label() != ImageRecord.UNLABELLED)
                .boxed()
                .toList();
    }
}
