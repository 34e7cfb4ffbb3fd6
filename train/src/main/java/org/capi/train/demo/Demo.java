package org.capi.train.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.source.drawn.Drawings;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.knn.KnnEvaluation;
import org.capi.eval.knn.KnnResult;
import org.capi.eval.knn.NearestNeighbours;
import org.capi.eval.pictures.PcaPictures;
import org.capi.eval.pictures.PcaSheet;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.capi.train.export.RunExport;
import org.capi.train.loop.PretrainRun;
import org.capi.train.loop.Pretraining.Outcome;
import org.capi.train.loop.RunStoppedException;
import org.capi.train.run.RunFolder;

/**
 * Draws the embedded set, pretrains on it, exports the model and the untrained one, probes both, and writes a report.
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
    /** What drawing, exporting, probing and starting take, of the whole time. */
    private static final double SECONDS_BESIDE_TRAINING = 35;

    private static final double LEAST_MINUTES = 1;

    /** Checks the time. */
    public Demo {
        if (!(minutes >= LEAST_MINUTES)) {
            throw new IllegalArgumentException("--minutes must be at least 1, was " + minutes);
        }
    }

    /** Runs it all and returns what the report says. */
    public DemoResult run(List<String> commandLine, Progress drawing, JobProgress probing) throws IOException {
        long started = System.nanoTime();
        RunFolder.checkNew(folder);
        Path data = folder.resolve("data");
        new Drawings(TRAIN, VAL, IMAGE_SIZE, 0).generate(data, drawing);

        PretrainConfig preset = ConfigFile.preset("demo").resolve();
        int steps = Pace.of(preset, minutes * 60 - SECONDS_BESIDE_TRAINING).steps(preset);
        PretrainConfig config =
                ConfigFile.preset("demo").with(Pace.overrides(preset, steps)).resolve();
        Outcome outcome = PretrainRun.start(folder, data + ":train", config, commandLine);
        if (outcome.stopped()) {
            throw new RunStoppedException(
                    outcome.stoppedBy(), "the demo was stopped after step " + outcome.step() + ", with a checkpoint");
        }

        RunFolder run = RunFolder.open(folder);
        RunExport export = RunExport.open(folder);
        Path trained = run.exports().resolve("teacher");
        Path untrained = run.exports().resolve("untrained");
        export.write(export.newest(), RunExport.Weights.TEACHER, trained);
        export.write(export.at(0), RunExport.Weights.TEACHER, untrained);
        log.info("SavedModel {}", trained);

        int threads = config.data().threads();
        int size = config.data().imageSize().height();
        var knn = new KnnEvaluation(
                List.of(NearestNeighbours.STANDARD), new FeatureExtraction(size, EVAL_BATCH, threads));
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
            PcaSheet pcaAfter = pictures.draw(after, val, probing.part("encoding pictures"));
            PcaSheet pcaBefore = pictures.draw(before, val, probing.part("encoding pictures, untrained"));
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
            new DemoReport(config, result, run.metricsFile()).write(pcaAfter, pcaBefore);
            return result;
        }
    }

    private static KnnResult first(List<KnnEvaluation.Outcome> outcomes) {
        return outcomes.get(0).result();
    }
}
