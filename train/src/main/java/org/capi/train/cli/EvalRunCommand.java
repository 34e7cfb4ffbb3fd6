package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.recipe.Recipe;
import org.capi.eval.recipe.RecipeRun;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a list of evaluations. */
@Command(
        name = "run",
        description = "Runs a list of evaluations of one or several models; writes results.json and report.html.",
        footer = {
            "",
            "The recipe is YAML:",
            "  models: [models/photos, models/untrained]",
            "  evaluations:",
            "    - {probe: knn, train: sets/photos, test: 'sets/photos:val', representation: global, k: [10, 20],",
            "       metric: [cosine, l2], vote: [plain]}",
            "    - {probe: probe, train: sets/photos, test: 'sets/photos:val', representations: [avg_patch, patches],",
            "       steps: 500, batch_size: 32}",
            "    - {probe: segment, train: sets/camvid, test: 'sets/camvid:val', image_size: 448}",
            "    - {probe: pca, data: 'sets/photos:val', images: 8, image_size: 448}",
            "    - {probe: dictionary, data: 'sets/photos:val', images: 8}",
            "",
            "The keys are those of the command of the same name, in the plural where the key probe is taken (probes) and with",
            "lists where several are tried; what is not given is as the command has it. An entry with the key",
            "dataset (imagenet1k, inaturalist21, sun397, ade20k, cityscapes, voc2012) has the paper's number beside it.",
            "",
            "Example: capi eval run --recipe recipe.yaml --out evals/photos"
        })
final class EvalRunCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--recipe", required = true, paramLabel = "FILE", description = "What to evaluate.")
    private Path recipe = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where results and report are written.")
    private Path out = Path.of("");

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Where features are kept for a second time. Default: features below --out.")
    private @Nullable Path cache;

    @Option(names = "--json", description = "Print the results as one line of JSON.")
    private boolean json;

    EvalRunCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var run = new RecipeRun(Recipe.read(recipe), out, Runtime.getRuntime().availableProcessors());
        var features = new FeatureCache(cache == null ? out.resolve("features") : cache, console::say);
        List<RecipeRun.Line> lines = run.run(features, console::shown);
        for (RecipeRun.Line line : lines) {
            console.print(String.format(
                    Locale.ROOT,
                    "%s %.1f %% (%s; %s)",
                    line.measure(),
                    100 * line.value(),
                    line.model(),
                    line.evaluation()));
        }
        console.print(out.resolve("report.html").toString());
        if (json) {
            console.printJson(lines);
        }
        return 0;
    }
}
