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

    /** How many masks have a block of i distinct rows and j distinct columns, at {@code i * (columns + 1) + j}. */
    long[] extents(boolean visibleBlock) {
        long[] counts = new long[(rows + 1) * (columns + 1)];
        for (boolean[] mask : masks) {
            int occupiedRows = Long.bitCount(occupied(mask, visibleBlock, columns, rows));
            int occupiedColumns = Long.bitCount(occupied(mask, visibleBlock, 1, columns));
            counts[occupiedRows * (columns + 1) + occupiedColumns]++;
        }
        return counts;
    }

    /** How many masks have a block whose first row is this one. */
    long[] firstRows(boolean visibleBlock) {
        long[] counts = new long[rows];
        masks.forEach(mask -> counts[Long.numberOfTrailingZeros(occupied(mask, visibleBlock, columns, rows))]++);
        return counts;
    }

    /** How many masks have a block whose first column is this one. */
    long[] firstColumns(boolean visibleBlock) {
        long[] counts = new long[columns];
        masks.forEach(mask -> counts[Long.numberOfTrailingZeros(occupied(mask, visibleBlock, 1, columns))]++);
        return counts;
    }

    /** A bit for each line of cells that has one in the block; cell c lies on line c / divisor % lines. */
    private static long occupied(boolean[] mask, boolean visibleBlock, int divisor, int lines) {
        long occupied = 0;
        for (int cell = 0; cell < mask.length; cell++) {
            if (mask[cell] != visibleBlock) {
                occupied |= 1L << (cell / divisor % lines);
            }
        }
        return occupied;
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
