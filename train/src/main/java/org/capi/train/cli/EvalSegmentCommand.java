package org.capi.train.cli;

import java.io.IOException;
import java.util.List;
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

/** Segments images by the features of their patches. */
@Command(
        name = "segment",
        description = "Gives each pixel of the test images a class by the features of its patch: by the votes of the"
                + " nearest training patches, and by logistic regression. Hyper-parameters are chosen on a tenth of the"
                + " training images.",
        footer = {
            "",
            "Keys: probe (knn,logistic), k (1,3,10,30), metric (cosine,l2), c (1e-6 .. 1e5 in 8 steps),",
            "standardization (none, center, center_div, standard, robust, pca or pca_whiten: standard),",
            "subsample (fit on every N-th patch: 1), ignore (labels; those of the datasets), tolerance (1e-5),",
            "max_iterations (1000), image_size (that of the model's training, else 224), transform (squash, the only"
                    + " one:",
            "images and label maps are squashed to a square alike), patch_size (with --pixels: 16), batch_size (32),",
            "threads (one for each core), seed (0). Lists have commas.",
            "",
            "Pixels with an ignored label do not count. k-NN may name an ignored label for a pixel that counts: mIoU"
                    + " (mean_iou)",
            "then counts that label as a class with IoU 0; mean_iou_mmsegmentation (the convention of mmsegmentation)"
                    + " is the",
            "mean over the other classes. Logistic regression never names an ignored label.",
            "",
            "Example: capi eval segment --model models/camvid --train sets/camvid --test sets/camvid:val --out"
                    + " evals/camvid"
        })
final class EvalSegmentCommand extends EvalCommand.BaselineCommand {

    private static final int SHARE_HELD_OUT = 10;

    /** Pixels are many, but those of one image go together. */
    private static final int FEW_IMAGES = 50;

    static final List<String> KEYS =
            EvalSettings.keys(SegmentEntry.class, EvalSettings.TRANSFORM, "patch_size", EvalSettings.THREADS);

    @Option(
            names = "--train",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The images with label maps that the probes are fitted on.")
    private String train = "";

    @Option(
            names = "--test",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The images with label maps to test on.")
    private String test = "";

    @Option(names = "--pixels", description = "Evaluate the pixels of the patches themselves, as a baseline.")
    private boolean pixels;

    EvalSegmentCommand(Console console) {
        super(console);
    }

    @Override
    public Integer call() throws IOException {
        checkModel(pixels);
        var given = new EvalSettings(settings, KEYS);
        try (ImageDataset trainSet = ImageDataset.open(train);
                ImageDataset testSet = ImageDataset.open(test)) {
            var outcome = outcome(given, trainSet, testSet);
            var result = outcome.result();
            result.write(out);
            outcome.pictures().write(out);
            for (var probe : result.probes()) {
                console.print(String.format(
                        Locale.ROOT,
                        "%s: mIoU %.1f %%%s, accuracy %.1f %% (%s, %s; %s training and %s test images)",
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
                        Console.count(trainSet.size()),
                        Console.count(testSet.size())));
                probe.heldOut().stream()
                        .filter(point -> point.parameters().equals(probe.chosen()))
                        .forEach(point -> console.printf(
                                "  chosen by mIoU of %s held-out images: %.1f %%",
                                Console.count(heldOut(trainSet)), 100 * point.meanIou()));
            }
            boolean chosen =
                    result.probes().stream().anyMatch(probe -> !probe.heldOut().isEmpty());
            if (chosen && heldOut(trainSet) < FEW_IMAGES) {
                console.printf(
                        "warning: only %s images were held out to choose by; fewer than %d say little about others",
                        Console.count(heldOut(trainSet)), FEW_IMAGES);
            }
            printJson(result);
        }
        return 0;
    }

    /** A tenth, as the probes hold it out. */
    private static long heldOut(ImageDataset trainSet) {
        return trainSet.size() / SHARE_HELD_OUT;
    }

    private static SegmentEntry entry(EvalSettings given, Map<String, String> sets) {
        given.checkTransform(Transform.SQUASH, "label maps are squashed");
        return given.bind(SegmentEntry.class, sets, true);
    }

    private Segmentation.Outcome outcome(EvalSettings given, ImageDataset trainSet, ImageDataset testSet)
            throws IOException {
        SegmentEntry entry = entry(given, Map.of("train", train, "test", test));
        int threads = given.threads();
        int patchSize = given.integer("patch_size", 16);
        if (model == null) {
            return entry.evaluation(trainSet, testSet, RecipeEntry.or(entry.imageSize(), 224), threads)
                    .ofPixels(patchSize, out, trainSet, testSet, console::shown);
        }
        try (LoadedModel loaded = LoadedModel.open(model)) {
            return entry.evaluation(trainSet, testSet, entry.side(loaded), threads)
                    .ofModel(loaded, context(threads).cache(), trainSet, testSet, console::shown);
        }
    }

    /** Refuses settings and images that cannot be evaluated, before anything is computed. */
    static void check(EvalSettings given, ImageDataset train, ImageDataset test) throws IOException {
        given.threads();
        entry(given, EvalSettings.OPEN_SETS).check(train, test);
    }
}
