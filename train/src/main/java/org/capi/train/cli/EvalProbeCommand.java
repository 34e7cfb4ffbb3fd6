package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Transform;
import org.capi.eval.probe.ProbeEvaluation;
import org.capi.eval.probe.ProbeResult;
import org.capi.eval.probe.TestLabels;
import org.capi.eval.recipe.ProbeEntry;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "probe",
        description =
                "Trains linear and attentive classifiers on frozen features with many learning rates and weight decays,"
                        + " chooses the best on a tenth of the training images, which is held out, and tests it. With"
                        + " 500 held-out images or more the best accuracy is chosen, as in the paper; with fewer,"
                        + " whose accuracy is mostly chance, the lowest loss. If the command is interrupted, give it"
                        + " again and it continues.",
        footer = {
            "",
            "Settings (key=value; several values with commas):",
            "  representations   avg_patch, global and both have linear probes, patches and",
            "                    registers attentive ones; default: all but registers",
            "  steps             training steps; default 12500",
            "  warmup_steps      default: a tenth of the steps",
            "  batch_size        default 128",
            "  learning_rates    default: values from 1e-5 to 1e-2",
            "  weight_decays     default 5e-4,1e-3,5e-2",
            "  image_size        height and width in pixels; default: as in training or 224",
            "  transform         centre, the only one: random crops of training images, a",
            "                    square from the middle of test images",
            "  crop_scale_min    smallest crop, as a fraction of the area; default 0.08",
            "  seed              default 0",
            "  checkpoint_every  steps; default 500",
            "  threads           threads that read images; default: one for each core",
            "",
            "Example:",
            "  ./capi eval probe --model models/photos --train sets/photos \\",
            "    --test sets/photos:val --out evals/photos steps=500 batch_size=32 \\",
            "    representations=avg_patch,patches"
        })
final class EvalProbeCommand extends EvalCommand.OutputCommand {

    static final EvalSettings.Kind<ProbeEntry> KIND = new EvalSettings.Kind<>(
            ProbeEntry.class,
            EvalSettings.keys(ProbeEntry.class, EvalSettings.TRANSFORM, EvalSettings.THREADS),
            true,
            Transform.CENTRE,
            "training images are random crops");

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "The folder of a SavedModel.")
    private Path model = Path.of("");

    @Option(
            names = "--train",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The labelled training images.")
    private String train = "";

    @Option(
            names = "--test",
            required = true,
            paramLabel = "DIR[:SPLIT]",
            description = "The labelled test images; may be given several times.")
    private List<String> tests = new ArrayList<>();

    @Option(
            names = "--test-labels",
            paramLabel = "FILE",
            description =
                    "A file with several right classes for images of the first test set. Each line has the name of"
                            + " an image, a tab, and its classes with commas between them.")
    private @Nullable Path annotations;

    @Mixin
    private final EvalSettings.Words settings = new EvalSettings.Words();

    @Override
    public Integer call() throws IOException {
        EvalSettings given = settings.of(KIND.keys());
        ProbeResult result = result(KIND.entry(given, Map.of("train", train, "test", tests.get(0))), given.threads());
        result.write(out);
        for (ProbeResult.Chosen probe : result.probes()) {
            for (ProbeResult.Score score : probe.tests()) {
                console.printf(
                        "%s top-1 %.1f %%, top-5 %.1f %% (%s, learning rate %s, weight decay %s, %,d images of %s)",
                        probe.head(),
                        100 * score.top1(),
                        100 * score.top5(),
                        probe.representation(),
                        probe.learningRate(),
                        probe.weightDecay(),
                        score.images(),
                        score.test());
            }
            console.printf(
                    "  chosen by %s of %,d held-out images: top-1 %.1f %% (standard error %.1f), loss %.2f",
                    result.chosenBy(),
                    result.validation(),
                    100 * probe.validation(),
                    100 * probe.validationError(),
                    probe.validationLoss());
        }
        console.printf(
                "chance: top-1 %.1f %%, loss %.2f (guessing one of %d classes)",
                100.0 / result.classes(), result.lossOfGuessing(), result.classes());
        result.warnings().forEach(warning -> console.print("warning: " + warning));
        printJson(result);
        return 0;
    }

    private ProbeResult result(ProbeEntry entry, int threads) throws IOException {
        List<ImageDataset> opened = new ArrayList<>();
        try (ImageDataset trainSet = ImageDataset.open(train);
                LoadedModel loaded = LoadedModel.open(model)) {
            List<ProbeEvaluation.Test> sets = new ArrayList<>();
            for (String test : tests) {
                ImageDataset testSet = ImageDataset.open(test);
                opened.add(testSet);
                TestLabels labels = annotations != null && sets.isEmpty()
                        ? TestLabels.read(annotations, trainSet.classes())
                        : TestLabels.of(testSet, trainSet.classes());
                sets.add(new ProbeEvaluation.Test(test, testSet, labels));
            }
            return entry.evaluation(entry.side(loaded), threads)
                    .run(
                            loaded,
                            trainSet,
                            sets,
                            out.resolve("probe.unfinished"),
                            part -> console.progress(part.equals("train") ? "training probes" : "testing on " + part))
                    .result();
        } finally {
            opened.forEach(ImageDataset::close);
        }
    }
}
