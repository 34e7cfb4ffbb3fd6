package org.capi.eval.recipe;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Top-1 of CAPI ViT-L/14 on LVD-142M as the paper gives it (arXiv 2502.08769, tables 4 and 5). */
final class PaperNumbers {

    private static final Map<String, Double> TOP1 = Map.of(
            "imagenet1k knn avg_patch", 0.571,
            "imagenet1k knn global", 0.738,
            "imagenet1k linear avg_patch", 0.771,
            "imagenet1k linear global", 0.811,
            "inaturalist21 linear avg_patch", 0.491,
            "inaturalist21 linear global", 0.696,
            "sun397 linear avg_patch", 0.733,
            "sun397 linear global", 0.774,
            "imagenet1k attentive patches", 0.838);

    private PaperNumbers() {}

    /** The number for a dataset's common name, such as {@code imagenet1k}; null where there is none. */
    static @Nullable Double top1(@Nullable String dataset, String head, String representation) {
        return dataset == null ? null : TOP1.get(dataset + " " + head + " " + representation);
    }
}
