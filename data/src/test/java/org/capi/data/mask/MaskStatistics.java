package org.capi.data.mask;

import java.util.ArrayList;
import java.util.List;

/** What many masks of one generator look like together. */
final class MaskStatistics {

    private final int rows;
    private final int columns;
    private final List<boolean[]> masks = new ArrayList<>();

    MaskStatistics(int rows, int columns) {
        this.rows = rows;
        this.columns = columns;
    }

    void add(boolean[] mask) {
        masks.add(mask);
    }

    /** The part of the masks in which each cell is masked. */
    double[] frequencies() {
        double[] frequencies = new double[rows * columns];
        for (boolean[] mask : masks) {
            for (int cell = 0; cell < frequencies.length; cell++) {
                frequencies[cell] += mask[cell] ? 1.0 / masks.size() : 0;
            }
        }
        return frequencies;
    }

    /** For each mask the pairs of neighbours in a row, around the edges too, that are both in the block. */
    double[] horizontalPairs(boolean visibleBlock) {
        return pairs(0, 1, visibleBlock);
    }

    /** As {@link #horizontalPairs}, in a column. */
    double[] verticalPairs(boolean visibleBlock) {
        return pairs(1, 0, visibleBlock);
    }

    private double[] pairs(int down, int right, boolean visibleBlock) {
        return masks.stream()
                .mapToDouble(mask -> {
                    int count = 0;
                    for (int cell = 0; cell < mask.length; cell++) {
                        int row = (cell / columns + down) % rows;
                        int column = (cell % columns + right) % columns;
                        boolean both = mask[cell] != visibleBlock && mask[row * columns + column] != visibleBlock;
                        count += both ? 1 : 0;
                    }
                    return count;
                })
                .toArray();
    }
}
