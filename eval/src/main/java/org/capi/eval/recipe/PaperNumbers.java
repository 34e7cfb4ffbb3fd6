package org.capi.eval.recipe;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Top-1 and mIoU of CAPI ViT-L/14 on LVD-142M as the paper gives them (arXiv 2502.08769, headline and tables 4, 5 and 7;
 * segmentation with standardised features).
 */
final class PaperNumbers {

    private static final Map<String, Double> NUMBERS = Map.ofEntries(
            Map.entry("imagenet1k knn avg_patch", 0.571),
            Map.entry("imagenet1k knn global", 0.738),
            Map.entry("imagenet1k linear avg_patch", 0.771),
            Map.entry("imagenet1k linear global", 0.811),
            Map.entry("imagenet1k attentive patches", 0.838),
            Map.entry("inaturalist21 linear avg_patch", 0.491),
            Map.entry("inaturalist21 linear global", 0.696),
            Map.entry("sun397 linear avg_patch", 0.733),
            Map.entry("sun397 linear global", 0.774),
            Map.entry("ade20k segment knn", 0.330),
            Map.entry("ade20k segment logistic", 0.377),
            Map.entry("cityscapes segment knn", 0.392),
            Map.entry("cityscapes segment logistic", 0.443),
            Map.entry("voc2012 segment knn", 0.652),
            Map.entry("voc2012 segment logistic", 0.733));

    private PaperNumbers() {}

    /**
     * The number for a dataset's common name, such as {@code imagenet1k}; null where there is none.
     *
     * @param what a representation, or for {@code segment} a probe
     */
    static @Nullable Double of(@Nullable String dataset, String head, String what) {
        return dataset == null ? null : NUMBERS.get(dataset + " " + head + " " + what);
    }
}
