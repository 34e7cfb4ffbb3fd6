package org.capi.train.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Transform;
import org.capi.eval.recipe.RecipeEntry;
import org.capi.eval.recipe.SegmentEntry;
import org.capi.eval.segment.Segmentation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "segment",
        description = "Segments the test images by the features of their patches: with k-NN and with logistic"
                + " regression. Hyper-parameters are chosen on a tenth of the training images.",
        footer = {
            "",
            "Settings (key=value; several values with commas are all tried):",
            "  probe            knn,logistic (default: both)",
            "  k                neighbours of k-NN; default 1,3,10,30",
            "  metric           distance of k-NN; default cosine,l2",
            "  c                inverse regularisation; default 8 values from 1e-6 to 1e5",
            "  standardization  of the features: standard (default), none, center,",
            "                   center_div, robust, pca or pca_whiten",
            "  subsample        train on every N-th patch; default 1",
            "  ignore           labels that mean no class; default: those of the datasets",
            "  tolerance        of logistic regression; default 1e-5",
            "  max_iterations   of logistic regression; default 1000",
            "  image_size       height and width in pixels; default: as in training, else 224",
            "  transform        squash, the only one: images and label maps are squeezed into",
            "                   a square",
            "  patch_size       with --pixels; default 16",
            "  batch_size       images at once; default 32",
            "  threads          threads; default: one for each core",
            "  seed             of the choice of held-out images; default 0",
            "",
            "Pixels with an ignored label do not count. If k-NN predicts an ignored label for",
            "another pixel, mIoU (mean_iou) counts that label as a class with IoU 0, and",
            "mean_iou_mmsegmentation, as mmsegmentation does, only as an error of the right",
            "class. Logistic regression never predicts an ignored label.",
            "",
            "Example:",
            "  ./capi eval segment --model models/camvid --train sets/camvid \\",
            "    --test sets/camvid:val --out evals/camvid"
        })
final class EvalSegmentCommand extends EvalCommand.BaselineCommand {

    private static final int SHARE_HELD_OUT = 10;

    /** Pixels are many, but those of one image go together. */
    private static final int FEW_IMAGES = 50;

    static final EvalSettings.Kind<SegmentEntry> KIND = new EvalSettings.Kind<>(
            SegmentEntry.class,
            EvalSettings.keys(SegmentEntry.class, EvalSettings.TRANSFORM, "patch_size", EvalSettings.THREADS),
            true,
            Transform.SQUASH,
            "label maps are squashed");

    @Option(
            names = "--train",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The training images, with label maps.")
    private String train = "";

    @Option(
            names = "--test",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The test images, with label maps.")
    private String test = "";

    @Option(names = "--pixels", description = "Use the pixels of the patches instead of features, as a baseline.")
    private boolean pixels;

    @Override
    public Integer call() throws IOException {
        checkModel(pixels);
        EvalSettings given = settings.of(KIND.keys());
        try (ImageDataset trainSet = ImageDataset.open(train);
                ImageDataset testSet = ImageDataset.open(test)) {
            var outcome = outcome(given, trainSet, testSet);
            var result = outcome.result();
            result.write(out);
            outcome.pictures().write(out);
            for (var probe : result.probes()) {
                console.printf(
                        "%s: mIoU %.1f %%%s, accuracy %.1f %% (%s, %s; %,d training and %,d test images)",
                        probe.probe(),
                        100 * probe.meanIou(),
                        probe.meanIou() == probe.meanIouMmsegmentation()
                                ? ""
                                : String.format(
                                        Locale.ROOT,
                                        " (%.1f %% in the convention of mmsegmentation)",
                                        100 * probe.meanIouMmsegmentation()),
                        100 * probe.accuracy(),
                        result.features(),
                        probe.chosen().toString().replaceAll("[{}]", "").replace('=', ' '),
                        trainSet.size(),
                        testSet.size());
                probe.heldOut().stream()
                        .filter(point -> point.parameters().equals(probe.chosen()))
                        .forEach(point -> console.printf(
                                "  chosen by mIoU of %,d held-out images: %.1f %%",
                                heldOut(trainSet), 100 * point.meanIou()));
            }
            boolean chosen =
                    result.probes().stream().anyMatch(probe -> !probe.heldOut().isEmpty());
            if (chosen && heldOut(trainSet) < FEW_IMAGES) {
                console.printf(
                        "warning: only %,d images were held out to choose by; fewer than %d say little about others",
                        heldOut(trainSet), FEW_IMAGES);
            }
            printJson(result);
        }
        return 0;
    }

    /** A tenth, as the probes hold it out. */
    private static long heldOut(ImageDataset trainSet) {
        return trainSet.size() / SHARE_HELD_OUT;
    }

    private Segmentation.Outcome outcome(EvalSettings given, ImageDataset trainSet, ImageDataset testSet)
            throws IOException {
        SegmentEntry entry = KIND.entry(given, Map.of("train", train, "test", test));
        int threads = given.threads();
        int patchSize = given.integer("patch_size", 16);
        if (model == null) {
            return entry.evaluation(trainSet, testSet, RecipeEntry.or(entry.imageSize(), 224), threads)
                    .ofPixels(patchSize, out, trainSet, testSet, console::progress);
        }
        try (LoadedModel loaded = LoadedModel.open(model)) {
            return entry.evaluation(trainSet, testSet, entry.side(loaded), threads)
                    .ofModel(loaded, context(threads).cache(), trainSet, testSet, console::progress);
        }
    }
}
