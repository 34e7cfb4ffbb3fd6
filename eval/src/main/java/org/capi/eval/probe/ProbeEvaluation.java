package org.capi.eval.probe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.eval.features.FeatureShape;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.SharedClasses;
import org.capi.eval.features.Tally;

/**
 * The linear and attentive probes from datasets to a result: all are trained at once, one of each representation is
 * chosen by images that were held back, and that one is tested.
 */
public record ProbeEvaluation(ProbeSettings settings) {

    /** Images to test on. */
    public record Test(String name, ImageDataset dataset, Targets targets) {}

    /** The numbers, and how each chosen probe confused the classes of the first test set. */
    public record Outcome(ProbeResult result, Map<String, Tally> confusions) {

        public Outcome {
            confusions = Collections.unmodifiableMap(new LinkedHashMap<>(confusions));
        }
    }

    /**
     * Trains, chooses and tests.
     *
     * @param work a folder for checkpoints, which is gone afterwards; a training that stopped there goes on
     */
    public Outcome run(LoadedModel model, ImageDataset train, List<Test> tests, Path work, JobProgress progress)
            throws IOException {
        check(train, tests);
        RowSplit split = RowSplit.of(train);
        Map<Representation, FeatureShape> shapes = model.shapes(settings.imageSize(), settings.representations());
        try (var session = new ProbeSession(shapes, train.classes().size(), settings.grid(), settings.seed())) {
            var checkpoint = new ProbeCheckpoint(work, identity(model, train));
            new ProbeTraining(settings, model.encoder(), train, split.train())
                    .run(session, checkpoint, progress.part("train"));
            var tester = new ProbeTester(session, model, settings);
            var chosenBy = ProbeScores.ofAll(settings, train.classes());
            Targets truth = Targets.labels(train, train.classes());
            tester.judge(train, split.validation(), truth, chosenBy, progress.part("validation"));
            Map<Representation, Integer> best = chosenBy.best();
            List<ProbeScores> judged = new ArrayList<>();
            for (Test test : tests) {
                var scores = ProbeScores.of(settings, train.classes(), best);
                Progress part = progress.part(test.name());
                tester.judge(test.dataset(), all(test.dataset()), test.targets(), scores, part);
                judged.add(scores);
            }
            Outcome outcome = outcome(chosenBy, best, tests, judged, split);
            checkpoint.delete();
            return outcome;
        }
    }

    /** Refuses sets on which nothing can be trained, chosen or tested, before anything is computed. */
    public static void check(ImageDataset train, List<Test> tests) throws IOException {
        SharedClasses.checkLabelled(train);
        for (Test test : tests) {
            SharedClasses.check(train, test.dataset());
            checkTargets(test);
        }
        RowSplit.of(train);
    }

    private static void checkTargets(Test test) throws IOException {
        for (long row = 0; row < test.dataset().size(); row++) {
            ImageRecord image = test.dataset().get(row);
            if (!test.targets().of(image.name(), image.label()).isEmpty()) {
                return;
            }
        }
        throw new IllegalArgumentException("none of the test images " + test.name() + " has a right class");
    }

    private String identity(LoadedModel model, ImageDataset train) {
        return model.checksum() + " " + LoadedModel.checksum(train) + " " + settings.identity();
    }

    private static List<Long> all(ImageDataset dataset) {
        return LongStream.range(0, dataset.size()).boxed().toList();
    }

    private Outcome outcome(
            ProbeScores validation,
            Map<Representation, Integer> best,
            List<Test> tests,
            List<ProbeScores> judged,
            RowSplit split) {
        List<ProbeGrid.Point> points = settings.grid().points();
        List<ProbeResult.Chosen> chosen = new ArrayList<>();
        List<ProbeResult.Tried> tried = new ArrayList<>();
        Map<String, Tally> confusions = new LinkedHashMap<>();
        best.forEach((representation, head) -> {
            List<ProbeResult.Score> scores = new ArrayList<>();
            for (int i = 0; i < tests.size(); i++) {
                Accuracy accuracy = judged.get(i).of(representation, head);
                scores.add(new ProbeResult.Score(
                        tests.get(i).name(), accuracy.images(), accuracy.top1(), accuracy.top5()));
            }
            ProbeGrid.Point point = points.get(head);
            String kind = representation.severalVectors() ? "attentive" : "linear";
            chosen.add(new ProbeResult.Chosen(
                    representation.toString(),
                    kind,
                    point.learningRate(),
                    point.weightDecay(),
                    validation.of(representation, head).top1(),
                    scores));
            for (int i = 0; i < points.size(); i++) {
                tried.add(new ProbeResult.Tried(
                        representation.toString(),
                        points.get(i).learningRate(),
                        points.get(i).weightDecay(),
                        validation.of(representation, i).top1()));
            }
            if (!judged.isEmpty()) {
                confusions.put(representation.toString(), judged.get(0).confusion(representation));
            }
        });
        var result = new ProbeResult(
                validation.classes(), split.train().size(), split.validation().size(), settings.steps(), chosen, tried);
        return new Outcome(result, confusions);
    }
}
