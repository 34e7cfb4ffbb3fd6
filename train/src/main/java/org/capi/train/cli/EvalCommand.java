package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.pictures.DictionaryPictures;
import org.capi.eval.pictures.PcaPictures;
import org.capi.eval.recipe.FigureEntry;
import org.capi.eval.recipe.FigureEntry.DictionaryEntry;
import org.capi.eval.recipe.FigureEntry.PcaEntry;
import org.capi.eval.recipe.Recipe;
import org.capi.eval.recipe.RecipeEntry;
import org.capi.eval.recipe.RecipeRun;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that evaluate a SavedModel: each binds its settings to an entry of a recipe and runs it. */
@Command(
        name = "eval",
        description =
                "Measures and draws the features of a SavedModel. The model must have the outputs global, registers and"
                        + " feature_map, as models of export and import-weights have.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            EvalKnnCommand.class,
            EvalProbeCommand.class,
            EvalSegmentCommand.class,
            EvalCommand.PcaCommand.class,
            EvalCommand.DictionaryCommand.class,
            EvalCommand.RunCommand.class
        },
        footer = {
            "",
            "A SavedModel is a program. One that could read or write files or run other code",
            "is refused before it is loaded.",
            "",
            "Example:",
            "  ./capi eval knn --model models/photos --train sets/photos \\",
            "    --test sets/photos:val --out evals/photos"
        })
final class EvalCommand {

    abstract static class OutputCommand extends ResultCommand {

        @Option(
                names = "--out",
                required = true,
                paramLabel = "DIR",
                description = "The folder for results, pictures and reports.")
        Path out = Path.of("");
    }

    /** Where features are kept. */
    static final class CacheOption {

        @Option(
                names = "--cache",
                paramLabel = "DIR",
                description = "The folder that keeps features for the next evaluation. Default: features in the"
                        + " folder --out.")
        private @Nullable Path folder;

        FeatureCache open(OutputCommand command) {
            return new FeatureCache(folder == null ? command.out.resolve("features") : folder, command.console::say);
        }
    }

    /** An evaluation of a model, or of the images' pixels as a baseline. */
    abstract static class BaselineCommand extends OutputCommand {

        @Option(
                names = "--model",
                paramLabel = "DIR",
                description = "The folder of a SavedModel; not needed with --pixels.")
        @Nullable
        Path model;

        @Mixin
        final EvalSettings.Words settings = new EvalSettings.Words();

        @Mixin
        private final CacheOption cache = new CacheOption();

        void checkModel(boolean pixels) {
            if (pixels == (model != null)) {
                throw new IllegalArgumentException(
                        "give either --model or --pixels, " + (pixels ? "not both" : "there was neither"));
            }
        }

        RecipeEntry.Context context(int threads) {
            return new RecipeEntry.Context(cache.open(this), out, threads, console::progress);
        }
    }

    /** Draws the patches of some images. */
    abstract static class FigureCommand<T extends Record & FigureEntry> extends OutputCommand {

        private final Class<T> type;
        private final String file;

        @Option(names = "--model", required = true, paramLabel = "DIR", description = "The folder of a SavedModel.")
        private Path model = Path.of("");

        @Option(names = "--data", required = true, paramLabel = "DIR[:SPLIT]", description = "The images to draw from.")
        private String data = "";

        @Mixin
        private final EvalSettings.Words settings = new EvalSettings.Words();

        FigureCommand(Class<T> type, String file) {
            this.type = type;
            this.file = file;
        }

        @Override
        public Integer call() throws IOException {
            EvalSettings given = settings.of(EvalSettings.keys(type, EvalSettings.THREADS));
            T entry = given.bind(type, Map.of("data", data), false);
            int images;
            try (LoadedModel loaded = LoadedModel.open(model);
                    ConsoleProgress progress = console.progress("encoding")) {
                images = entry.draw(loaded, out, given.threads(), progress);
            }
            String picture = out.resolve(file).toString();
            console.print(picture + ": " + images + " images");
            printJson(Map.of("picture", picture, "images", images));
            return 0;
        }
    }

    @Command(
            name = "pca",
            description =
                    "Draws the features of patches as colours next to the images, by principal component analysis:"
                            + " patches of the same colour have similar features. Writes pca.png (three components as"
                            + " red, green and blue), components.png (each component alone) and flips.png (every"
                            + " choice of signs).",
            footer = {
                "",
                "Settings (key=value):",
                "  images       number of images, spread evenly over the dataset; default 8",
                "  image_size   height and width in pixels; default: as in training, else 224",
                "  transform    squash (default): the whole image, squeezed into a square;",
                "               centre: a square from the middle",
                "  image_means  removed (default): the mean of each image is subtracted before",
                "               the components of all images are computed; objects stand out",
                "               kept: it is not, as in the reference implementation",
                "  threads      threads that read images; default: one for each core",
                "",
                "Example:",
                "  ./capi eval pca --model models/photos --data sets/photos:val \\",
                "    --out evals/photos images=12"
            })
    static final class PcaCommand extends FigureCommand<PcaEntry> {

        PcaCommand() {
            super(PcaEntry.class, PcaPictures.COLOURS);
        }
    }

    @Command(
            name = "dictionary",
            description = "Draws the features of patches as colours by dictionary learning: each patch is described"
                    + " by a few of 3, 6 or 10 learned vectors (atoms), each of which has a colour.",
            footer = {
                "",
                "Settings (key=value):",
                "  images       number of images, spread evenly over the dataset; default 8",
                "  image_size   height and width in pixels; default: as in training, else 224",
                "  transform    squash (default): the whole image, squeezed into a square;",
                "               centre: a square from the middle",
                "  alpha        how strongly few atoms are preferred; default 1",
                "  threads      threads; default: one for each core",
                "",
                "Example:",
                "  ./capi eval dictionary --model models/photos --data sets/photos:val \\",
                "    --out evals/photos image_size=448"
            })
    static final class DictionaryCommand extends FigureCommand<DictionaryEntry> {

        DictionaryCommand() {
            super(DictionaryEntry.class, DictionaryPictures.FILE);
        }
    }

    @Command(
            name = "run",
            description =
                    "Runs a list of evaluations of one or several models and writes results.json and report.html.",
            footer = {
                "",
                "The recipe is YAML:",
                "  models: [models/photos, models/untrained]",
                "  evaluations:",
                "    - {probe: knn, train: sets/photos, test: 'sets/photos:val', k: [10, 20],",
                "       representation: global, metric: [cosine, l2], vote: [plain]}",
                "    - {probe: probe, train: sets/photos, test: 'sets/photos:val', steps: 500,",
                "       representations: [avg_patch, patches], batch_size: 32}",
                "    - {probe: segment, train: sets/camvid, test: 'sets/camvid:val',",
                "       image_size: 448}",
                "    - {probe: pca, data: 'sets/photos:val', images: 8, image_size: 448}",
                "    - {probe: dictionary, data: 'sets/photos:val', images: 8}",
                "",
                "The keys and defaults are the settings of eval knn, probe, segment, pca and",
                "dictionary. A list tries several values. The setting probe of eval segment is",
                "called probes here. With the key dataset (imagenet1k, inaturalist21, sun397,",
                "ade20k, cityscapes, voc2012) the report shows the paper's number too.",
                "knn also measures raw pixels and the untrained model, unless baselines: false.",
                "",
                "Example:",
                "  ./capi eval run --recipe recipe.yaml --out evals/photos"
            })
    static final class RunCommand extends OutputCommand {

        @Option(names = "--recipe", required = true, paramLabel = "FILE", description = "The recipe, a YAML file.")
        private Path recipe = Path.of("");

        @Mixin
        private final CacheOption cache = new CacheOption();

        @Override
        public Integer call() throws IOException {
            int threads = Runtime.getRuntime().availableProcessors();
            var run = new RecipeRun(Recipe.read(recipe), out, threads);
            RecipeRun.Results results = run.run(cache.open(this), console::progress);
            for (RecipeRun.Line line : results.lines()) {
                console.printf(
                        "%s %.1f %% (%s; %s)%s",
                        line.measure(),
                        100 * line.value(),
                        line.model(),
                        line.evaluation(),
                        line.baselines().isEmpty() ? "" : ": " + line.baselines());
            }
            for (var warning : results.warnings()) {
                console.printf("warning: %s (%s; %s)", warning.text(), warning.model(), warning.evaluation());
            }
            console.print("report: " + out.resolve("report.html"));
            printJson(results.lines());
            return 0;
        }
    }
}
