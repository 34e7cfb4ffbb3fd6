package org.capi.train.inspect;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.ImageKernels;
import org.capi.eval.report.ContactSheet;
import org.capi.eval.report.ContactSheet.Strip;
import org.capi.eval.report.ContactSheet.Thumbnail;

/** A few images of each class, taken evenly over the dataset. */
record ClassSheet(ImageDataset dataset, Census census, ImageKernels kernels) {

    private static final int SIDE = 96;
    private static final int MOST_CLASSES = 100;
    private static final int FEW_CLASSES = 50;
    private static final int OF_EACH_CLASS = 8;
    private static final int OF_EACH_OF_MANY = 4;
    private static final int WITHOUT_CLASSES = 40;

    ContactSheet sheet(String heading) {
        Map<Integer, List<Long>> chosen = chosen();
        long largest = census.perClass().values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(1);
        List<Strip> strips = new ArrayList<>();
        for (Map.Entry<Integer, List<Long>> entry : chosen.entrySet()) {
            int label = entry.getKey();
            long images = census.images(label);
            strips.add(new Strip(
                    label == ImageRecord.UNLABELLED
                            ? "without a class"
                            : dataset.classes().get(label),
                    String.format(
                            Locale.ROOT,
                            "%,d %s, %.1f %%",
                            images,
                            images == 1 ? "image" : "images",
                            100.0 * images / dataset.size()),
                    (double) images / largest,
                    thumbnails(entry.getValue())));
        }
        return new ContactSheet(heading, note(), strips);
    }

    private String note() {
        int classes = dataset.classes().size();
        if (classes == 0) {
            return "The images have no classes. These are spread evenly over the dataset.";
        }
        String cut =
                classes > MOST_CLASSES ? "The first " + MOST_CLASSES + " of " + classes + " classes" : "Each class";
        return cut + " with its number of images and some of them, spread evenly over the dataset; bars compare with"
                + " the largest class.";
    }

    private List<Thumbnail> thumbnails(List<Long> rows) {
        List<Thumbnail> thumbnails = new ArrayList<>();
        for (long row : rows) {
            thumbnails.add(thumbnail(row));
        }
        return thumbnails;
    }

    private Thumbnail thumbnail(long row) {
        try {
            ImageRecord image = dataset.get(row);
            ImageHeader header = image.header();
            String caption = image.name() + ", " + header.width() + " x " + header.height();
            return new Thumbnail(caption, Pictures.jpeg(Pictures.shrunk(kernels, image, header, SIDE)));
        } catch (IOException e) {
            return new Thumbnail("row " + row + ": " + e.getMessage(), null);
        }
    }

    /** The rows to show of each class, by label; those without a class come last. */
    private Map<Integer, List<Long>> chosen() {
        int classes = Math.min(MOST_CLASSES, dataset.classes().size());
        Map<Integer, List<Long>> chosen = new LinkedHashMap<>();
        for (int label = 0; label < classes; label++) {
            chosen.put(label, new ArrayList<>());
        }
        if (census.unlabelled() > 0) {
            chosen.put(ImageRecord.UNLABELLED, new ArrayList<>());
        }
        int most = classes == 0 ? WITHOUT_CLASSES : classes > FEW_CLASSES ? OF_EACH_OF_MANY : OF_EACH_CLASS;
        Map<Integer, Long> seen = new LinkedHashMap<>();
        for (long row = 0; row < dataset.size(); row++) {
            int label = dataset.facts(row).label();
            List<Long> rows = chosen.get(label);
            if (rows != null) {
                long images = census.images(label);
                long before = seen.merge(label, 1L, Long::sum) - 1;
                long wanted = Math.min(most, images);
                if (rows.size() < wanted && before == (2L * rows.size() + 1) * images / (2 * wanted)) {
                    rows.add(row);
                }
            }
        }
        return chosen;
    }
}
