package org.capi.eval.probe;

import java.util.List;

/** Counts how often one of the classes that a probe likes best is among the right ones. */
final class Accuracy {

    private long images;
    private long first;
    private long amongAll;

    /** An image with at least one right class; {@code best} begins with the best. */
    void add(int[] best, List<Integer> right) {
        images++;
        first += right.contains(best[0]) ? 1 : 0;
        for (int label : best) {
            if (right.contains(label)) {
                amongAll++;
                return;
            }
        }
    }

    long images() {
        return images;
    }

    /** The fraction of images whose best class is right. */
    double top1() {
        return images == 0 ? 0 : (double) first / images;
    }

    /** The fraction of images with a right class among the best. */
    double top5() {
        return images == 0 ? 0 : (double) amongAll / images;
    }
}
