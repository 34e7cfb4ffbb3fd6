package org.capi.train.inspect;

import java.util.SortedMap;
import java.util.TreeMap;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageDataset.RowFacts;
import org.capi.data.arrow.ImageRecord;

/**
 * Counts over all rows of a split, without decoding.
 *
 * @param perClass images by label; {@link ImageRecord#UNLABELLED} for those without
 * @param widths images by width
 * @param heights images by height
 * @param aspects images by the common aspect that is nearest to theirs
 * @param sizes images by the bin that their bytes fall into
 * @param bytes all images together
 */
record DatasetStatistics(
        SortedMap<Integer, Long> perClass,
        SortedMap<Long, Long> widths,
        SortedMap<Long, Long> heights,
        SortedMap<Integer, Long> aspects,
        SortedMap<Long, Long> sizes,
        long bytes) {

    static DatasetStatistics of(ImageDataset dataset) {
        var perClass = new TreeMap<Integer, Long>();
        var widths = new TreeMap<Long, Long>();
        var heights = new TreeMap<Long, Long>();
        var aspects = new TreeMap<Integer, Long>();
        var sizes = new TreeMap<Long, Long>();
        long bytes = 0;
        for (long row = 0; row < dataset.size(); row++) {
            RowFacts facts = dataset.facts(row);
            perClass.merge(facts.label(), 1L, Long::sum);
            widths.merge((long) facts.width(), 1L, Long::sum);
            heights.merge((long) facts.height(), 1L, Long::sum);
            aspects.merge(Bins.aspect(facts.width(), facts.height()), 1L, Long::sum);
            sizes.merge(Bins.below(facts.bytes()), 1L, Long::sum);
            bytes += facts.bytes();
        }
        return new DatasetStatistics(perClass, widths, heights, aspects, sizes, bytes);
    }

    long images(int label) {
        return perClass.getOrDefault(label, 0L);
    }

    /** How many classes have so many images, classes without any among them. */
    SortedMap<Long, Long> classSizes(int classes) {
        var sizes = new TreeMap<Long, Long>();
        for (int label = 0; label < classes; label++) {
            sizes.merge(images(label), 1L, Long::sum);
        }
        return sizes;
    }
}
