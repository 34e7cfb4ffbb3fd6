package org.capi.train.demo;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.batch.Images;
import org.capi.data.source.drawn.Drawings;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.FeatureFile;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Transform;
import org.capi.eval.knn.KnnClassifier;
import org.capi.eval.knn.KnnEvaluation;
import org.capi.eval.knn.KnnEvaluation.KnnResult;
import org.capi.eval.pictures.PcaPictures;
import org.capi.eval.pictures.PcaPictures.PcaGrid;
import org.capi.eval.report.Figures.InlinePicture;
import org.capi.eval.report.Figures.Matches.Found;
import org.capi.eval.report.Figures.Matches.Query;
import org.capi.eval.search.ExactKnn;
import org.capi.eval.search.ExactKnn.Distance;
import org.capi.eval.search.ExactKnn.Precision;
import org.capi.eval.search.Neighbours;
import org.capi.train.budget.TimeBudget;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.capi.train.export.RunExport;
import org.capi.train.loop.PretrainRun;
import org.capi.train.loop.StopRequest.RunStoppedException;
import org.capi.train.loop.TrainingLoop.Outcome;
import org.capi.train.run.RunFolder;

/**
 * Draws a set of images, pretrains on it, exports the model and the untrained one, evaluates both, and writes a report.
 *
 * @param folder of the run
 * @param minutes that all of it should take
 */
public record Demo(Path folder, double minutes) {

    private static final Logger log = LogManager.getLogger(Demo.class);

    private static final int TRAIN = 2000;
    private static final int VAL = 500;
    private static final int IMAGE_SIZE = 80;
    private static final int PICTURES = 10;
    private static final int EVAL_BATCH = 64;
    private static final int NEIGHBOURS = 5;
    /** For exporting, k-NN and pictures. */
    private static final double SECONDS_AFTER_TRAINING = 25;

    /**
     * The result of a demo.
     *
     * @param run its folder
     * @param trainedTop1 k-NN accuracy of the exported model's {@code avg_patch}
     * @param untrainedTop1 the same of the model before its first step
     * @param pixelsTop1 the same of the images themselves
     * @param chance of naming the right class blindly
     * @param steps of pretraining
     * @param dataWaitShare the share of the training time that was spent waiting for batches
     * @param seconds that all of it took
     * @param report the page to look at
     */
    public record DemoResult(
            String run,
            double trainedTop1,
            double untrainedTop1,
            double pixelsTop1,
            double chance,
            long steps,
            double dataWaitShare,
            double seconds,
            String report) {

        @Override
        public String toString() {
            return String.format(
                            Locale.ROOT,
                            "k-NN accuracy %.1f %% (untrained %.1f %%, raw pixels %.1f %%, chance %.0f %%)",
                            100 * trainedTop1,
                            100 * untrainedTop1,
                            100 * pixelsTop1,
                            100 * chance)
                    + System.lineSeparator() + "report: " + report;
        }
    }

    public Demo {
        new TimeBudget(minutes); // checks it
    }

    public DemoResult run(List<String> commandLine, Progress drawing, JobProgress probing) throws IOException {
        long started = System.nanoTime();
        var budget = new TimeBudget(minutes);
        RunFolder.checkNew(folder);
        Path data = folder.resolve("data");
        new Drawings(TRAIN, VAL, IMAGE_SIZE, 0).generate(data, drawing);

        PretrainConfig config = config(budget, data);
        Outcome outcome = PretrainRun.start(folder, data + ":train", config, commandLine);
        if (outcome.stopped()) {
            throw new RunStoppedException(
                    outcome.stoppedBy(),
                    "the demo was stopped after step " + outcome.step() + "; its checkpoint is saved");
        }

        RunFolder run = RunFolder.open(folder);
        RunExport export = RunExport.open(folder);
        Path trained = run.exports().resolve("teacher");
        Path untrained = run.exports().resolve("untrained");
        export.write(export.newest(), RunExport.Weights.TEACHER, trained);
        export.write(export.at(0), RunExport.Weights.TEACHER, untrained);
        log.info("exported the trained model to {}", trained);

        int threads = config.data().threads();
        int size = config.data().imageSize().height();
        var extraction = new FeatureExtraction(size, EVAL_BATCH, threads);
        var knn = new KnnEvaluation(List.of(KnnClassifier.STANDARD), extraction);
        var features = new FeatureCache(run.evals().resolve("features"), log::warn);
        try (ImageDataset train = ImageDataset.open(data + ":train");
                ImageDataset val = ImageDataset.open(data + ":val");
                LoadedModel after = LoadedModel.open(trained);
                LoadedModel before = LoadedModel.open(untrained)) {
            KnnResult ofTrained = first(knn.ofModel(after, features, Representation.AVG_PATCH, train, val, probing));
            KnnResult ofUntrained = first(knn.ofModel(before, features, Representation.AVG_PATCH, train, val, probing));
            KnnResult ofPixels = first(knn.ofPixels(train, val, probing));
            ofTrained.write(run.evals().resolve("trained"));
            ofUntrained.write(run.evals().resolve("untrained"));
            ofPixels.write(run.evals().resolve("pixels"));
            // Twice the training resolution: more patches show more of the objects.
            var pictures = new PcaPictures(PICTURES, 2 * size, threads);
            PcaGrid pcaAfter = pictures.draw(after, val, probing.part("encoding pictures"));
            PcaGrid pcaBefore = pictures.draw(before, val, probing.part("encoding pictures, untrained"));
            pcaAfter.write(run.evals().resolve("pca"));
            var result = new DemoResult(
                    folder.toString(),
                    ofTrained.top1(),
                    ofUntrained.top1(),
                    ofPixels.top1(),
                    1.0 / ofTrained.classes(),
                    outcome.step(),
                    outcome.dataWaitShare(),
                    (System.nanoTime() - started) / 1e9,
                    run.reportFile().toString());
            new DemoReport(config, result, run.metricsFile())
                    .write(neighbours(extraction, features, after, train, val), pcaAfter, pcaBefore);
            return result;
        }
    }

    /** The preset with the schedule over as many steps as fit into the time on this machine, at most the preset's. */
    private static PretrainConfig config(TimeBudget budget, Path data) throws IOException {
        ConfigFile preset = ConfigFile.preset("demo");
        int most = preset.resolve().optim().totalSteps();
        try (Images images = Images.open(data + ":train")) {
            ConfigFile fit = budget.fitOrFew(preset, images, SECONDS_AFTER_TRAINING, most);
            int steps = fit.resolve().optim().totalSteps();
            return fit.with(List.of("checkpoint.every=" + steps / 2)).resolve();
        }
    }

    /** The first image of each class with its nearest training images, by the features that are kept already. */
    private static List<Query> neighbours(
            FeatureExtraction extraction, FeatureCache kept, LoadedModel model, ImageDataset train, ImageDataset val)
            throws IOException {
        Progress none = (done, total) -> {};
        List<Query> queries = new ArrayList<>();
        try (FeatureFile bank =
                        extraction.features(kept, model, Representation.AVG_PATCH, Transform.CENTRE, train, none);
                FeatureFile tested =
                        extraction.features(kept, model, Representation.AVG_PATCH, Transform.CENTRE, val, none)) {
            Neighbours nearest = new ExactKnn(
                            NEIGHBOURS, Distance.COSINE, Precision.ofThisMachine(), extraction.threads())
                    .among(bank, tested, none);
            for (int row = 0;
                    row < tested.size() && queries.size() < val.classes().size();
                    row++) {
                if (tested.label(row) == queries.size()) {
                    ImageRecord query = val.get(row);
                    List<Found> found = new ArrayList<>();
                    for (int neighbour = 0; neighbour < NEIGHBOURS; neighbour++) {
                        ImageRecord one = train.get(nearest.row(row, neighbour));
                        found.add(new Found(name(train, one), jpeg(one), one.label() == query.label()));
                    }
                    queries.add(new Query(name(val, query), jpeg(query), found));
                }
            }
        }
        return queries;
    }

    private static String name(ImageDataset set, ImageRecord image) {
        return set.classes().get(image.label()).replace('_', ' ');
    }

    private static InlinePicture jpeg(ImageRecord image) throws IOException {
        byte[] encoded = new byte[image.encoded().remaining()];
        image.encoded().duplicate().get(encoded);
        var jpeg = new ByteArrayOutputStream();
        ImageIO.write(ImageIO.read(new ByteArrayInputStream(encoded)), "jpeg", jpeg);
        return InlinePicture.jpeg(jpeg.toByteArray());
    }

    private static KnnResult first(List<KnnEvaluation.Outcome> outcomes) {
        return outcomes.get(0).result();
    }
}
