package org.capi.eval.features;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.capi.data.arrow.DatasetSummary;
import org.capi.data.arrow.ImageDataset;

/** The rule that a probe needs labels, and can only be tested on classes that it was shown. */
public final class SharedClasses {

    private static final int NAMED = 5;

    private SharedClasses() {}

    /** Refuses test images of a class of which there is no training image, before any feature is computed. */
    public static void check(ImageDataset train, ImageDataset test) {
        Set<String> shown = Set.copyOf(withImages(train));
        List<String> lacking =
                withImages(test).stream().filter(name -> !shown.contains(name)).toList();
        if (lacking.isEmpty()) {
            return;
        }
        String names = lacking.stream().limit(NAMED).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("the test images " + test.folder() + " have " + lacking.size()
                + (lacking.size() == 1 ? " class" : " classes") + " of which the training images " + train.folder()
                + " have none: " + names + (lacking.size() > NAMED ? ", ..." : ""));
    }

    /** Refuses images of which none has a label. */
    public static void checkLabelled(ImageDataset dataset) {
        if (dataset.info().labelled() == 0) {
            throw new IllegalArgumentException("the dataset " + dataset.folder()
                    + " has no labels; this evaluation needs the class of each image");
        }
    }

    private static List<String> withImages(ImageDataset dataset) {
        return dataset.summary().classes().stream()
                .filter(entry -> entry.images() > 0)
                .map(DatasetSummary.ClassCount::name)
                .toList();
    }
}
