package org.capi.eval.recipe;

import static org.capi.eval.recipe.RecipeEntry.or;
import static org.capi.eval.recipe.RecipeEntry.required;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.probe.ProbeEvaluation;
import org.capi.eval.probe.ProbeResult;
import org.capi.eval.probe.ProbeSettings;
import org.capi.eval.probe.TestLabels;
import org.capi.eval.report.Section;
import org.jspecify.annotations.Nullable;

/**
 * The linear and attentive probes; steps, batch size, grid and crops as in the reference by default.
 *
 * @param warmupSteps a tenth of the steps by default
 * @param dataset the common name of the data, by which the paper's number is found
 */
public record ProbeEntry(
        String train,
        String test,
        List<Representation> representations,
        Integer steps,
        Integer warmupSteps,
        Integer batchSize,
        List<Double> learningRates,
        List<Double> weightDecays,
        @Nullable Integer imageSize,
        Double cropScaleMin,
        Long seed,
        Integer checkpointEvery,
        @Nullable String dataset)
        implements RecipeEntry.OfSets {

    public ProbeEntry {
        required("train", train);
        required("test", test);
        representations = List.copyOf(or(
                representations,
                List.of(Representation.AVG_PATCH, Representation.GLOBAL, Representation.BOTH, Representation.PATCHES)));
        steps = or(steps, 12_500);
        warmupSteps = or(warmupSteps, steps / 10);
        batchSize = or(batchSize, 128);
        learningRates = List.copyOf(or(learningRates, ProbeSettings.Grid.STANDARD.learningRates()));
        weightDecays = List.copyOf(or(weightDecays, ProbeSettings.Grid.STANDARD.weightDecays()));
        cropScaleMin = or(cropScaleMin, 0.08);
        seed = or(seed, 0L);
        checkpointEvery = or(checkpointEvery, 500);
    }

    @Override
    public String title() {
        return "probes, " + representations.stream().map(String::valueOf).collect(Collectors.joining(", ")) + ", "
                + test;
    }

    @Override
    public List<Representation> features() {
        return representations;
    }

    @Override
    public void check(ImageDataset trainSet, ImageDataset testSet) throws IOException {
        evaluation(or(imageSize, 1), 1);
        ProbeEvaluation.check(trainSet, tests(trainSet, testSet));
    }

    public ProbeEvaluation evaluation(int side, int threads) {
        return new ProbeEvaluation(new ProbeSettings(
                representations,
                new ProbeSettings.Grid(learningRates, weightDecays),
                steps,
                warmupSteps,
                batchSize,
                side,
                cropScaleMin,
                seed,
                checkpointEvery,
                threads));
    }

    private List<ProbeEvaluation.Test> tests(ImageDataset trainSet, ImageDataset testSet) {
        return List.of(new ProbeEvaluation.Test(test, testSet, TestLabels.of(testSet, trainSet.classes())));
    }

    @Override
    public Result run(LoadedModel model, ImageDataset trainSet, ImageDataset testSet, Context context)
            throws IOException {
        Path work = context.folder().resolve("unfinished");
        ProbeEvaluation.Outcome outcome = evaluation(side(model), context.threads())
                .run(model, trainSet, tests(trainSet, testSet), work, context.progress());
        List<Measure> measures = new ArrayList<>();
        for (ProbeResult.Chosen probe : outcome.result().probes()) {
            ProbeResult.Score score = probe.tests().get(0);
            String name = probe.head() + ", " + probe.representation();
            Double paper = EntrySections.paper(dataset, probe.head(), probe.representation());
            double chance = 1.0 / outcome.result().classes();
            measures.add(new Measure("top-1, " + name, score.top1(), paper, chance, null, null));
            measures.add(new Measure("top-5, " + name, score.top5(), null, Math.min(1, 5 * chance), null, null));
        }
        List<Section> sections = new ArrayList<>();
        sections.add(EntrySections.ofChoice(title() + ": " + model.name() + ", settings chosen", outcome.result()));
        String heading = title() + ": " + model.name() + ", ";
        outcome.confusions()
                .forEach((representation, confusion) ->
                        sections.addAll(EntrySections.ofImages(heading + representation, confusion)));
        return new Result(measures, sections, outcome.result().warnings());
    }
}
