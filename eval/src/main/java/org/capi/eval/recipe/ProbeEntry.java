package org.capi.eval.recipe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.probe.ProbeEvaluation;
import org.capi.eval.probe.ProbeGrid;
import org.capi.eval.probe.ProbeResult;
import org.capi.eval.probe.ProbeSettings;
import org.capi.eval.probe.Targets;
import org.capi.eval.report.Section;
import org.jspecify.annotations.Nullable;

/**
 * The linear and attentive probes; what is not named is as {@code eval probe} has it.
 *
 * @param dataset the common name of the data, by which the paper's number is found
 */
public record ProbeEntry(
        String train,
        String test,
        @Nullable List<String> representations,
        @Nullable Integer steps,
        @Nullable Integer warmupSteps,
        @Nullable Integer batchSize,
        @Nullable List<Double> learningRates,
        @Nullable List<Double> weightDecays,
        @Nullable Integer imageSize,
        @Nullable Double cropScaleMin,
        @Nullable Integer checkpointEvery,
        @Nullable Long seed,
        @Nullable String dataset)
        implements RecipeEntry {

    public ProbeEntry {
        RecipeEntry.required("train", train);
        RecipeEntry.required("test", test);
        representations = representations == null
                ? ProbeSettings.REPRESENTATIONS.stream()
                        .map(Representation::toString)
                        .toList()
                : List.copyOf(representations);
    }

    @Override
    public String title() {
        return "probes, " + String.join(", ", RecipeEntry.or(representations, List.<String>of())) + ", " + test;
    }

    @Override
    public void check() throws IOException {
        settings(1, 1);
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            ProbeEvaluation.check(known, tests(known, asked));
        }
    }

    @Override
    public List<Representation> features() {
        return RecipeEntry.or(representations, List.<String>of()).stream()
                .map(Representation::named)
                .toList();
    }

    private List<ProbeEvaluation.Test> tests(ImageDataset known, ImageDataset asked) {
        return List.of(new ProbeEvaluation.Test(test, asked, Targets.labels(asked, known.classes())));
    }

    @Override
    public Result run(LoadedModel model, RecipeContext context) throws IOException {
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            var tests = tests(known, asked);
            var evaluation =
                    new ProbeEvaluation(settings(RecipeContext.imageSize(model, imageSize), context.threads()));
            ProbeEvaluation.Outcome outcome =
                    evaluation.run(model, known, tests, context.folder().resolve("unfinished"), context.progress());
            List<Measure> measures = new ArrayList<>();
            for (ProbeResult.Chosen probe : outcome.result().probes()) {
                ProbeResult.Score score = probe.tests().get(0);
                String name = probe.head() + ", " + probe.representation();
                Double paper = PaperNumbers.of(dataset, probe.head(), probe.representation());
                measures.add(new Measure("top-1, " + name, score.top1(), paper));
                measures.add(new Measure("top-5, " + name, score.top5(), null));
            }
            List<Section> sections = new ArrayList<>();
            outcome.confusions()
                    .forEach((representation, tally) -> sections.addAll(
                            Confusions.ofImages(title() + ": " + model.name() + ", " + representation, tally)));
            return new Result(measures, sections);
        }
    }

    private ProbeSettings settings(int side, int threads) {
        var grid = new ProbeGrid(
                learningRates == null ? ProbeGrid.STANDARD.learningRates() : learningRates,
                weightDecays == null ? ProbeGrid.STANDARD.weightDecays() : weightDecays);
        int made = RecipeEntry.or(steps, ProbeSettings.STEPS);
        return new ProbeSettings(
                features(),
                grid,
                made,
                RecipeEntry.or(warmupSteps, made / 10),
                RecipeEntry.or(batchSize, ProbeSettings.BATCH_SIZE),
                side,
                RecipeEntry.or(cropScaleMin, ProbeSettings.CROP_SCALE_MIN),
                RecipeEntry.or(seed, 0L),
                RecipeEntry.or(checkpointEvery, ProbeSettings.CHECKPOINT_EVERY),
                threads);
    }
}
