package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.capi.data.arrow.ImageDataset;
import org.capi.train.ablate.Ablation;
import org.capi.train.ablate.Ablation.ChildLauncher;
import org.capi.train.ablate.AblationFolder;
import org.capi.train.ablate.AblationMetric;
import org.capi.train.ablate.ImageSets;
import org.capi.train.ablate.Plan;
import org.capi.train.ablate.RecipeFile;
import org.capi.train.loop.StopRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "ablate",
        description =
                "Trains every variant of a recipe with every seed, evaluates them all in the same way, and writes the"
                        + " results next to the paper's numbers: table.md, table.json and report.html. If the command"
                        + " is interrupted, give it again and it continues; finished trainings are not repeated.",
        footer = {
            "",
            "Included recipes: table1a to table1i, prototypes, data and length, at the",
            "paper's scale; demo-table1a, ... are the same for two CPU cores. A recipe of",
            "your own is a YAML file:",
            "  title: Masks",
            "  base:",
            "    preset: imagenette",
            "    overrides: {optim.total_steps: 1000, optim.warmup_steps: 100}",
            "  seeds: [0, 1]",
            "  evaluations:",
            "    - name: k-NN",
            "      probe: knn",
            "      train: '{data}'",
            "      test: '{data}:val'",
            "      settings: {k: 20}",
            "  variants:",
            "    - name: inverse block",
            "    - name: random",
            "      overrides: {data.mask: uniform, data.roll: false}",
            "      paper: {IN1k: 76.4}",
            "Probes: knn, linear, attentive, segment_knn, segment_logistic. {data} stands for",
            "the first dataset of --data, {ade} for the one given by --set ade=DIR. A variant",
            "may have a key data with other images to train on.",
            "",
            "Exit status 1: a training failed or diverged. The others are finished; the same",
            "command tries the failed ones again.",
            "",
            "Example:",
            "  ./capi ablate --recipe demo-table1b --data sets/photos --run runs/masks"
        })
final class AblateCommand extends ResultCommand {

    private static final Map<String, EvalSettings.Kind<?>> KINDS =
            Map.of("knn", EvalKnnCommand.KIND, "probe", EvalProbeCommand.KIND, "segment", EvalSegmentCommand.KIND);

    @Option(
            names = "--recipe",
            required = true,
            paramLabel = "NAME|FILE",
            description = "An included recipe or a file. Several recipes give several tables; what they share is"
                    + " trained once.")
    private List<String> recipes = new ArrayList<>();

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR[:SPLIT][,DIR...]",
            description = "The images to train on: one dataset, or several with commas.")
    private String data = "";

    @Option(
            names = "--set",
            paramLabel = "NAME=DIR",
            description = "The dataset that {NAME} stands for in a recipe; may be repeated.")
    private List<String> sets = new ArrayList<>();

    @Option(
            names = "--run",
            required = true,
            paramLabel = "DIR",
            description = "The folder of the results: a new one, or one to continue.")
    private Path run = Path.of("");

    @Parameters(
            paramLabel = "section.key=value",
            arity = "0..*",
            description = "Configuration keys to change in every variant.")
    private List<String> overrides = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<RecipeFile> files = new ArrayList<>();
        for (String recipe : recipes) {
            RecipeFile file = RecipeFile.named(recipe);
            file.recipe().evaluations().forEach(AblateCommand::checkSettings);
            files.add(file);
        }
        ImageSets images = ImageSets.of(data, sets);
        Plan.check(files, overrides, images);
        for (RecipeFile file : files) {
            for (AblationMetric entry : file.recipe().evaluations()) {
                checkImages(entry.at(images));
            }
        }
        try (AblationFolder folder = AblationFolder.open(run);
                StopRequest stop = StopRequest.listen()) {
            var launcher = new ChildLauncher(run, stop);
            launcher.endOrphans(console::say);
            Plan plan = Plan.of(files, overrides, images, folder);
            var progress = console.progress("training all variants, steps");
            return report(new Ablation(plan, folder, launcher, progress, console::say).run(), folder);
        }
    }

    private static EvalSettings.Kind<?> kind(AblationMetric entry) {
        return Objects.requireNonNull(KINDS.get(entry.probe().command()));
    }

    private static void checkSettings(AblationMetric entry) {
        try {
            new EvalSettings(entry.texts(), kind(entry).keys()).threads();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the evaluation " + entry.name() + ": " + e.getMessage(), e);
        }
    }

    /** Refuses an evaluation that would have no value, before anything is trained. */
    private static void checkImages(AblationMetric entry) throws IOException {
        try (ImageDataset train = ImageDataset.open(entry.train());
                ImageDataset test = ImageDataset.open(entry.test())) {
            kind(entry).check(entry.texts(), train, test);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the evaluation " + entry.name() + ": " + e.getMessage(), e);
        }
    }

    private record AblationLine(String run, List<?> tables, List<String> failed, int stoppedBy) {}

    private int report(Ablation.Result result, AblationFolder folder) {
        console.print(folder.markdownFile().toString());
        console.print(folder.reportFile().toString());
        printJson(new AblationLine(run.toString(), result.tables(), result.failures(), result.stoppedBy()));
        if (result.stoppedBy() != 0) {
            console.say("capi: stopped; give the same command again to continue");
            return Failure.SIGNAL + result.stoppedBy();
        }
        if (!result.failures().isEmpty()) {
            console.say("capi: " + result.failures().size() + " of the trainings failed: "
                    + String.join("; ", result.failures()) + "; the others are in " + folder.markdownFile());
            return Failure.WORKING;
        }
        return 0;
    }
}
