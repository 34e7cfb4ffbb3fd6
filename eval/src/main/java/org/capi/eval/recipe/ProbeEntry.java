package org.capi.eval.recipe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.SharedClasses;
import org.capi.eval.probe.ProbeEvaluation;
import org.capi.eval.probe.ProbeGrid;
import org.capi.eval.probe.ProbeResult;
import org.capi.eval.probe.ProbeSettings;
import org.capi.eval.probe.Targets;
import org.capi.eval.report.Section;
import org.jspecify.annotations.Nullable;

/**
 * The linear and attentive probes.
 *
 * @param dataset the common name of the data, by which the paper's number is found
 */
public record ProbeEntry(
        String train,
        String test,
        List<String> representations,
        int steps,
        int batchSize,
        @Nullable List<Double> learningRates,
        @Nullable List<Double> weightDecays,
        @Nullable Integer imageSize,
        @Nullable Long seed,
        @Nullable String dataset)
        implements RecipeEntry {

    private static final double CROP_SCALE_MIN = 0.08;
    private static final int CHECKPOINT_EVERY = 500;

    public ProbeEntry {
        representations = List.copyOf(representations);
    }

    @Override
    public String title() {
        return "probes, " + String.join(", ", representations) + ", " + test;
    }

    @Override
    public void check() {
        settings(1, 1);
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            SharedClasses.check(known, asked);
        }
    }

    @Override
    public List<Representation> features() {
        return representations.stream().map(Representation::named).toList();
    }

    @Override
    public Result run(LoadedModel model, RecipeContext context) throws IOException {
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            var tests = List.of(new ProbeEvaluation.Test(test, asked, Targets.labels(asked, known.classes())));
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
        return new ProbeSettings(
                features(),
                grid,
                steps,
                steps / 10,
                batchSize,
                side,
                CROP_SCALE_MIN,
                seed == null ? 0 : seed,
                CHECKPOINT_EVERY,
                threads);
    }
}
