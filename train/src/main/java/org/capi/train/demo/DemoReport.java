package org.capi.train.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.capi.eval.pictures.PcaPictures.PcaGrid;
import org.capi.eval.report.Charts.Curves;
import org.capi.eval.report.Charts.Curves.Point;
import org.capi.eval.report.Charts.Curves.Series;
import org.capi.eval.report.Figures.Gallery;
import org.capi.eval.report.Figures.Gallery.GalleryImage;
import org.capi.eval.report.Figures.Matches;
import org.capi.eval.report.Figures.Matches.Query;
import org.capi.eval.report.Report;
import org.capi.eval.report.Section.Commands;
import org.capi.eval.report.Section.Facts;
import org.capi.eval.report.Section.Facts.Fact;
import org.capi.eval.report.Section.Shares;
import org.capi.eval.report.Section.Shares.Rank;
import org.capi.eval.report.Section.Shares.Share;
import org.capi.train.config.PretrainConfig;
import org.capi.train.metrics.ProgressLine;

/**
 * The page that a demo ends with.
 *
 * @param metrics the run's {@code metrics.jsonl}
 */
record DemoReport(PretrainConfig config, Demo.DemoResult result, Path metrics) {

    /** What a reader with a folder of photos types next. */
    private static final List<String> NEXT = List.of(
            "./capi data import --source imagefolder --from photos --to sets/photos",
            "./capi data inspect sets/photos --html photos.html",
            "./capi pretrain --data sets/photos --run runs/photos --preset auto --minutes 30",
            "./capi export --run runs/photos --to models/photos",
            "./capi eval knn --model models/photos --train sets/photos --test sets/photos:val --out evals/photos",
            "./capi eval pca --model models/photos --data sets/photos --out evals/photos");

    void write(List<Query> neighbours, PcaGrid trained, PcaGrid untrained) throws IOException {
        var json = new ObjectMapper();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(metrics)) {
            lines.add(json.readTree(line));
        }
        String lead = String.format(
                Locale.ROOT,
                "A small vision transformer was trained for %,d steps on drawn images, without their labels. Its"
                        + " features were then tested by k-NN: a test image gets the class of the training images"
                        + " that are most similar to it. This is right for %.1f %% of the test images, and for"
                        + " %.1f %% with the untrained model.",
                result.steps(),
                100 * result.trainedTop1(),
                100 * result.untrainedTop1());
        new Report(
                        "CAPI demo",
                        lead,
                        List.of(
                                accuracies(),
                                matches(neighbours),
                                pictures(trained, untrained),
                                losses(lines),
                                facts(),
                                next()))
                .write(Path.of(result.report()));
    }

    private Shares accuracies() {
        return new Shares(
                "k-NN accuracy",
                "How many test images get the right class from their 20 most similar training images. What to see:"
                        + " the trained model should be well above the same model before training and above raw"
                        + " pixels. Chance is the accuracy of guessing.",
                List.of(
                        new Share("trained model", result.trainedTop1(), Rank.SUBJECT),
                        new Share("untrained model", result.untrainedTop1(), Rank.REFERENCE),
                        new Share("raw pixels (16 x 16)", result.pixelsTop1(), Rank.REFERENCE),
                        new Share("chance", result.chance(), Rank.REFERENCE)));
    }

    private static Matches matches(List<Query> neighbours) {
        return new Matches(
                "Nearest neighbours",
                "On the left a test image of each class, then the five training images whose features are most"
                        + " similar; a green frame and a check mark mean the same class. What to see: neighbours"
                        + " should have the same object, not only the same background.",
                neighbours);
    }

    private static Gallery pictures(PcaGrid trained, PcaGrid untrained) throws IOException {
        return new Gallery(
                "What the features show",
                "The features of each patch, reduced to three numbers by PCA and shown as red, green and blue: in the"
                        + " middle for each image on its own, on the right for all images together. Patches of the same"
                        + " colour have similar features. What to see: on the right, objects stand out from the"
                        + " background, and after training each pattern tends to have colours of its own. Before"
                        + " training, the colours mostly follow what is light and what is dark.",
                List.of(
                        GalleryImage.of("the trained model", trained.png()),
                        GalleryImage.of("the same model before training", untrained.png())));
    }

    private static Curves losses(List<JsonNode> lines) {
        return new Curves(
                "Losses",
                "The student's loss measures how well it predicts the clusters of hidden patches, the clustering loss"
                        + " how well the clusters fit the features. What to see: both fall steeply at first and level"
                        + " off well above zero. A sudden rise that stays would be a bad sign.",
                List.of(
                        series("student loss", "student_loss", lines),
                        series("clustering loss", "clustering_loss", lines)));
    }

    private static Series series(String name, String key, List<JsonNode> lines) {
        return new Series(
                name,
                lines.stream()
                        .map(line -> new Point(
                                line.get("step").asLong(), line.get(key).asDouble()))
                        .toList());
    }

    private Facts facts() {
        var model = config.model();
        var optim = config.optim();
        return new Facts(
                "The run",
                List.of(
                        new Fact("folder", result.run()),
                        new Fact(
                                "encoder",
                                model.depth() + " blocks, width " + model.dim() + ", patch size " + model.patchSize()),
                        new Fact("predictor", model.predictorDepth() + " blocks, width " + model.predictorDim()),
                        new Fact("prototypes", String.valueOf(config.capi().prototypes())),
                        new Fact("steps", result.steps() + " of " + optim.batchSize() + " images"),
                        new Fact(
                                "waiting for data",
                                String.format(
                                        Locale.ROOT, "%.1f %% of the training time", 100 * result.dataWaitShare())),
                        new Fact("total time", ProgressLine.duration(result.seconds()))));
    }

    private static Commands next() {
        return new Commands(
                "Next: your own photos",
                "Replace photos by your folder, with a subfolder for each class, or without classes. The commands check"
                        + " and import the photos, show them as a page, train, export the model, measure it and draw"
                        + " its features. Measuring needs classes and test images (subfolders train and val); the other"
                        + " commands do not.",
                NEXT);
    }
}
