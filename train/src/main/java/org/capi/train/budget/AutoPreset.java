package org.capi.train.budget;

import static org.capi.train.metrics.ProgressLine.count;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.batch.Images;
import org.capi.train.budget.TimeBudget.Steps;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;

/**
 * A configuration for a few hundred to a few thousand images and a time in minutes, by rules that were tried on such
 * sets: see "Small sets" in {@code train/README.md}.
 */
public final class AutoPreset {

    private static final Logger log = LogManager.getLogger(AutoPreset.class);

    /** Images whose sizes are looked at. */
    private static final long MAX_SAMPLED = 1000;

    private static final int TINY_SIDE = 48;
    private static final int SMALL_SIDE = 96;

    private static final long FEW_IMAGES = 400;
    private static final long MANY_IMAGES = 20_000;

    /** The larger model is taken where it sees at least so many images, unless these are tiny. */
    private static final long ENOUGH_FOR_LARGER = 300_000;
    /** Models that saw fewer were no better than raw pixels on one of two sets that were tried. */
    private static final long FEW_SEEN = 150_000;

    /** Crops down to a smaller share than the presets': other views of few images. */
    private static final String CROPS = "data.crop_scale=[0.3,1.0]";

    private static final List<String> LARGER = List.of(
            "model.dim=192", "model.heads=6", "model.predictor_dim=192", "capi.prototypes=256", "optim.momentum=0.98");
    private static final List<String> SMALLER = List.of(
            "model.dim=128", "model.heads=4", "model.predictor_dim=128", "capi.prototypes=128", "optim.momentum=0.95");

    private AutoPreset() {}

    /**
     * Chooses, and logs what and why.
     *
     * @param overrides of the user, which take precedence
     */
    public static ConfigFile choose(Images images, TimeBudget budget, List<String> overrides) {
        int side = medianShortSide(images);
        ConfigFile base = ConfigFile.preset("imagenette").with(sizes(side)).with(List.of(CROPS));
        ConfigFile larger = base.with(LARGER).with(overrides);
        PretrainConfig config = larger.resolve();
        log.info(
                "--preset auto: {} images, {} pixels on the shorter side (median): data.image_size={} and"
                        + " model.patch_size={}, {} patches an image",
                count(images.size()),
                side,
                config.data().imageSize().height(),
                config.model().patchSize(),
                config.patches());
        log.info(
                "data.crop_scale={}, the share of an image that a crop keeps: crops down to 0.3 were better on small sets",
                config.data().cropScale());
        if (images.size() < FEW_IMAGES) {
            log.warn(
                    "{} images are few to learn from: more images help most (labels are not needed), or continue from a"
                            + " trained model with --from-weights and its --config",
                    images.size());
        } else if (images.size() > MANY_IMAGES) {
            log.warn(
                    "--preset auto was tried on sets of 500 to 5,000 images; for {} see the presets vits14 to vitl14",
                    count(images.size()));
        }
        TimeBudget.check(overrides);
        String why = "a larger one was worse on images of fewer than " + TINY_SIDE + " pixels";
        if (side >= TINY_SIDE) {
            Steps steps = budget.steps(config, images, 0);
            long seen = seen(config, steps);
            if (seen >= ENOUGH_FOR_LARGER) {
                log.info(
                        "model.dim={}: it will see {} images in the time; {} are enough for this width",
                        config.model().dim(),
                        count(seen),
                        count(ENOUGH_FOR_LARGER));
                return budget.with(larger, overrides, steps, Integer.MAX_VALUE);
            }
            why = "the width " + config.model().dim() + " would see " + count(seen) + ", and "
                    + count(ENOUGH_FOR_LARGER) + " are enough for it";
        }
        ConfigFile smaller = base.with(SMALLER).with(overrides);
        PretrainConfig small = smaller.resolve();
        Steps more = budget.steps(small, images, 0);
        budget.checkEnough(more);
        log.info(
                "model.dim={}: it will see {} images in the time; {}",
                small.model().dim(),
                count(seen(small, more)),
                why);
        if (seen(small, more) < FEW_SEEN) {
            log.warn(
                    "the model will see too few images, {} in {}: models that saw fewer than {} were sometimes no better"
                            + " than raw pixels; on this machine that many take about {} minutes",
                    count(seen(small, more)),
                    budget,
                    count(FEW_SEEN),
                    count((long)
                            Math.ceil(FEW_SEEN * more.seconds() / small.optim().batchSize() / 60)));
        }
        return budget.with(smaller, overrides, more, Integer.MAX_VALUE);
    }

    /** Resolution and patch size, 8 x 8 patches, for images of a typical shorter side. */
    static List<String> sizes(int side) {
        if (side < TINY_SIDE) {
            return List.of("data.image_size=32", "model.patch_size=4");
        }
        return side < SMALL_SIDE
                ? List.of("data.image_size=64", "model.patch_size=8")
                : List.of("data.image_size=112", "model.patch_size=14");
    }

    /** The median of the shorter sides, in pixels, of images from all over the datasets. */
    static int medianShortSide(Images images) {
        int[] sides = images.parts().stream()
                .map(Images.Part::dataset)
                .flatMapToInt(dataset -> shortSides(dataset, Math.max(1, images.size() / MAX_SAMPLED)))
                .sorted()
                .toArray();
        return sides[sides.length / 2];
    }

    private static IntStream shortSides(ImageDataset dataset, long step) {
        return LongStream.iterate(0, row -> row < dataset.size(), row -> row + step)
                .mapToObj(dataset::facts)
                .mapToInt(facts -> Math.min(facts.width(), facts.height()));
    }

    /** The images of all steps, with repetition. */
    private static long seen(PretrainConfig config, Steps steps) {
        return (long) steps.number() * config.optim().batchSize();
    }
}
