package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Transform;
import org.capi.eval.probe.ProbeEvaluation;
import org.capi.eval.probe.ProbeGrid;
import org.capi.eval.probe.ProbeResult;
import org.capi.eval.probe.ProbeSettings;
import org.capi.eval.probe.Targets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains classifiers over frozen features. */
@Command(
        name = "probe",
        description =
                "Trains linear and attentive classifiers over frozen features, a grid of learning rates and weight"
                        + " decays at once, chooses by a tenth of the training images, and tests what was chosen.",
        footer = {
            "",
            "Keys: representations (avg_patch,global,both,patches; also registers), steps (12500), warmup_steps (a tenth",
            "of the steps), batch_size (128), learning_rates (1e-5 .. 1e-2), weight_decays (5e-4,1e-3,5e-2),",
            "image_size (that of the model's training, else 224), transform (centre, the only one: training images are",
            "random crops, test images a square from the centre), crop_scale_min (0.08), seed (0), checkpoint_every (500),",
            "threads (one for each core).",
            "",
            "A command that was stopped goes on where it was when it is given again.",
            "",
            "Example: capi eval probe --model models/photos --train sets/photos --test sets/photos:val --out evals/photos",
            "         steps=500 batch_size=32 representations=avg_patch,patches"
        })
final class EvalProbeCommand implements Callable<Integer> {

    static final List<String> KEYS = List.of(
            "representations",
            "steps",
            "warmup_steps",
            "batch_size",
            "learning_rates",
            "weight_decays",
            EvalSettings.IMAGE_SIZE,
            EvalSettings.TRANSFORM,
            "crop_scale_min",
            "seed",
            "checkpoint_every",
            "threads");
    private static final String UNFINISHED = "probe.unfinished";

    private final Console console;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "The SavedModel.")
    private Path model = Path.of("");

    @Option(
            names = "--train",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The labelled images to train on and to choose by.")
    private String train = "";

    @Option(
            names = "--test",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "Labelled images to test on; may be given several times.")
    private List<String> tests = new ArrayList<>();

    @Option(
            names = "--test-labels",
            paramLabel = "FILE",
            description = "Several right classes for an image of the first test set, any of which may be named: a line"
                    + " is an image's name, a tab, and classes with commas between them.")
    private @Nullable Path annotations;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the result is written as JSON.")
    private Path out = Path.of("");

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    @Parameters(paramLabel = "key=value", arity = "0..*", description = "Settings; see below.")
    private List<String> settings = new ArrayList<>();

    EvalProbeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ProbeResult result = judged(new EvalSettings(settings, KEYS));
        result.write(out);
        for (ProbeResult.Chosen probe : result.probes()) {
            for (ProbeResult.Score score : probe.tests()) {
                console.print(String.format(
                        Locale.ROOT,
                        "%s top-1 %.1f %%, top-5 %.1f %% (%s, learning rate %s, weight decay %s, %s images of %s)",
                        probe.head(),
                        100 * score.top1(),
                        100 * score.top5(),
                        probe.representation(),
                        probe.learningRate(),
                        probe.weightDecay(),
                        Console.count(score.images()),
                        score.test()));
            }
        }
        if (json) {
            console.printJson(result);
        }
        return 0;
    }

    private ProbeResult judged(EvalSettings given) throws IOException {
        List<ImageDataset> opened = new ArrayList<>();
        try (ImageDataset known = ImageDataset.open(train);
                LoadedModel loaded = LoadedModel.open(model)) {
            List<ProbeEvaluation.Test> sets = new ArrayList<>();
            for (String test : tests) {
                ImageDataset asked = ImageDataset.open(test);
                opened.add(asked);
                boolean annotated = annotations != null && sets.isEmpty();
                Targets targets = annotated && annotations != null
                        ? Targets.read(annotations, known.classes())
                        : Targets.labels(asked, known.classes());
                sets.add(new ProbeEvaluation.Test(test, asked, targets));
            }
            var evaluation = new ProbeEvaluation(probes(given, given.imageSize(loaded.encoder())));
            return evaluation
                    .run(loaded, known, sets, out.resolve(UNFINISHED), this::progress)
                    .result();
        } finally {
            opened.forEach(ImageDataset::close);
        }
    }

    /** Refuses settings and images that cannot be evaluated, before anything is computed. */
    static void check(EvalSettings given, ImageDataset train, ImageDataset test) throws IOException {
        probes(given, given.integer(EvalSettings.IMAGE_SIZE, 1));
        var targets = Targets.labels(test, train.classes());
        ProbeEvaluation.check(train, List.of(new ProbeEvaluation.Test("test", test, targets)));
    }

    private static ProbeSettings probes(EvalSettings given, int imageSize) {
        given.checkTransform(Transform.CENTRE, "training images are random crops");
        int steps = given.integer("steps", ProbeSettings.STEPS);
        return new ProbeSettings(
                given
                        .texts(
                                "representations",
                                ProbeSettings.REPRESENTATIONS.stream()
                                        .map(Representation::toString)
                                        .toList())
                        .stream()
                        .map(Representation::named)
                        .toList(),
                new ProbeGrid(
                        given.numbers("learning_rates", ProbeGrid.STANDARD.learningRates()),
                        given.numbers("weight_decays", ProbeGrid.STANDARD.weightDecays())),
                steps,
                given.integer("warmup_steps", steps / 10),
                given.integer("batch_size", ProbeSettings.BATCH_SIZE),
                imageSize,
                given.number("crop_scale_min", ProbeSettings.CROP_SCALE_MIN),
                given.integer("seed", 0),
                given.integer("checkpoint_every", ProbeSettings.CHECKPOINT_EVERY),
                given.threads());
    }

    private Progress progress(String part) {
        return console.shown(part.equals("train") ? "training probes" : "testing on " + part);
    }
}
