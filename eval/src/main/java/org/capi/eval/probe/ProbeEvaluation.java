package org.capi.eval.probe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.files.DurableFile;
import org.capi.eval.features.Confusion;
import org.capi.eval.features.DecodedImages;
import org.capi.eval.features.EncodedBatch;
import org.capi.eval.features.FeatureTable;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Representation.FeatureShape;
import org.capi.eval.features.Transform;

/**
 * The linear and attentive probes from datasets to a result: all are trained at once, one of each representation is
 * chosen by images that were held out, and that one is tested.
 */
public record ProbeEvaluation(ProbeSettings settings) {

    /**
     * Of so many images the accuracy chooses, as in the reference. Of fewer it takes a few values only, and the best of
     * many probes by it is one that was lucky; the mean loss chooses then.
     */
    static final int FEW_IMAGES = 500;

    public record Test(String name, ImageDataset dataset, TestLabels labels) {}

    /** The numbers, and how each chosen probe confused the classes of the first test set. */
    public record Outcome(ProbeResult result, Map<String, Confusion> confusions) {

        public Outcome {
            confusions = Collections.unmodifiableMap(new LinkedHashMap<>(confusions));
        }
    }

    /** The labelled images of a dataset, nine tenths to train on and the others to choose by. */
    private record RowSplit(List<Long> train, List<Long> validation) {

        private static final double TRAIN = 0.9;

        /** The reference splits every dataset by this one. */
        private static final int SEED = 42;

        boolean choosesByLoss() {
            return validation.size() < FEW_IMAGES;
        }

        static RowSplit of(ImageDataset dataset) {
            long[] rows = LongStream.range(0, dataset.size())
                    .filter(row -> dataset.facts(row).label() != ImageRecord.UNLABELLED)
                    .toArray();
            if (rows.length < 2) {
                throw new IllegalArgumentException("a probe needs at least 2 labelled training images, "
                        + dataset.folder() + " has " + rows.length);
            }
            List<Long> order = Arrays.stream(NumpyPermutation.of(rows.length, SEED))
                    .mapToObj(i -> rows[i])
                    .toList();
            int first = Math.min(order.size() - 1, (int) Math.rint(TRAIN * order.size()));
            return new RowSplit(order.subList(0, first), order.subList(first, order.size()));
        }
    }

    /**
     * Trains, chooses and tests.
     *
     * @param work a folder for checkpoints, which is deleted at the end; a training that stopped there continues
     */
    public Outcome run(LoadedModel model, ImageDataset train, List<Test> tests, Path work, JobProgress progress)
            throws IOException {
        check(train, tests);
        RowSplit split = RowSplit.of(train);
        Map<Representation, FeatureShape> shapes = model.shapes(settings.imageSize(), settings.representations());
        try (var session = new ProbeSession(shapes, train.classes().size(), settings.grid(), settings.seed())) {
            String identity = model.checksum() + " " + LoadedModel.checksum(train) + " " + settings.identity();
            new ProbeTraining(settings, model.encoder(), train, split.train, work, identity)
                    .run(session, progress.part("train"));
            var validation = new ProbeScores(settings, train.classes(), Map.of());
            TestLabels truth = TestLabels.of(train, train.classes());
            evaluate(session, model, train, split.validation, truth, true, validation, progress.part("validation"));
            Map<Representation, Integer> best = validation.best(split.choosesByLoss());
            List<ProbeScores> tested = new ArrayList<>();
            for (Test test : tests) {
                var scores = new ProbeScores(settings, train.classes(), best);
                List<Long> rows =
                        LongStream.range(0, test.dataset.size()).boxed().toList();
                evaluate(session, model, test.dataset, rows, test.labels, false, scores, progress.part(test.name));
                tested.add(scores);
            }
            Outcome outcome = outcome(train.classes().size(), validation, best, tests, tested, split);
            DurableFile.deleteTree(work);
            return outcome;
        }
    }

    /** Refuses sets on which nothing can be trained, chosen or tested, before anything is computed. */
    public static void check(ImageDataset train, List<Test> tests) throws IOException {
        FeatureTable.checkLabelled(train);
        for (Test test : tests) {
            FeatureTable.check(train, test.dataset);
            boolean isLabelled = false;
            for (long row = 0; row < test.dataset.size() && !isLabelled; row++) {
                ImageRecord image = test.dataset.get(row);
                isLabelled = !test.labels.of(image.name(), image.label()).isEmpty();
            }
            if (!isLabelled) {
                throw new IllegalArgumentException("none of the test images " + test.name + " has a right class");
            }
        }
        RowSplit.of(train);
    }

    /** Scores the images of some rows that have a right class, by losses too where there is one for each. */
    private void evaluate(
            ProbeSession session,
            LoadedModel model,
            ImageDataset dataset,
            List<Long> rows,
            TestLabels labels,
            boolean losses,
            ProbeScores scores,
            Progress progress)
            throws IOException {
        List<DecodedImages.Decoded> batch = new ArrayList<>();
        long done = 0;
        try (var images = new DecodedImages(
                dataset,
                Transform.CENTRE.view(settings.imageSize()),
                position -> rows.get((int) position),
                rows.size(),
                settings.threads())) {
            while (images.hasNext()) {
                var next = images.next();
                done++;
                if (!labels.of(next.name(), next.label()).isEmpty()) {
                    batch.add(next);
                }
                if (!batch.isEmpty() && (batch.size() == settings.batchSize() || !images.hasNext())) {
                    var encoded = EncodedBatch.of(
                            model.encoder(),
                            batch.stream().map(DecodedImages.Decoded::pixels).toList());
                    session.best(encoded::tensor).forEach((representation, predicted) -> {
                        for (int i = 0; i < batch.size(); i++) {
                            var image = batch.get(i);
                            scores.add(representation, predicted, i, labels.of(image.name(), image.label()));
                        }
                    });
                    if (losses) {
                        int[] right = batch.stream()
                                .mapToInt(image ->
                                        labels.of(image.name(), image.label()).get(0))
                                .toArray();
                        session.losses(encoded::tensor, right).forEach((representation, found) -> {
                            for (int i = 0; i < right.length; i++) {
                                scores.addLosses(representation, found, i);
                            }
                        });
                    }
                    batch.clear();
                }
                progress.at(done, rows.size());
            }
        }
    }

    private Outcome outcome(
            int classes,
            ProbeScores validation,
            Map<Representation, Integer> best,
            List<Test> tests,
            List<ProbeScores> tested,
            RowSplit split) {
        List<ProbeSettings.Grid.Point> points = settings.grid().points();
        List<ProbeResult.Chosen> chosen = new ArrayList<>();
        List<ProbeResult.Tried> tried = new ArrayList<>();
        Map<String, Confusion> confusions = new LinkedHashMap<>();
        best.forEach((representation, head) -> {
            String name = representation.toString();
            List<ProbeResult.Score> scores = new ArrayList<>();
            for (int i = 0; i < tests.size(); i++) {
                ProbeScores.Accuracy accuracy = tested.get(i).of(representation, head);
                scores.add(
                        new ProbeResult.Score(tests.get(i).name, accuracy.images(), accuracy.top1(), accuracy.top5()));
            }
            for (int i = 0; i < points.size(); i++) {
                tried.add(new ProbeResult.Tried(
                        name,
                        points.get(i).learningRate(),
                        points.get(i).weightDecay(),
                        validation.of(representation, i).top1(),
                        validation.of(representation, i).loss()));
            }
            ProbeSettings.Grid.Point point = points.get(head);
            ProbeScores.Accuracy heldOut = validation.of(representation, head);
            chosen.add(new ProbeResult.Chosen(
                    name,
                    representation.severalVectors() ? "attentive" : "linear",
                    point.learningRate(),
                    point.weightDecay(),
                    heldOut.top1(),
                    Confusion.standardError(heldOut.top1(), heldOut.images()),
                    heldOut.loss(),
                    scores));
            if (!tested.isEmpty()) {
                confusions.put(name, tested.get(0).confusion(representation));
            }
        });
        int heldOut = split.validation.size();
        String by = split.choosesByLoss() ? ProbeResult.BY_LOSS : ProbeResult.BY_ACCURACY;
        var result = new ProbeResult(classes, split.train.size(), heldOut, by, settings.steps(), chosen, tried);
        return new Outcome(result, confusions);
    }
}
