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
import org.capi.eval.report.Report;
import org.capi.eval.report.Section.Facts;
import org.capi.eval.report.Section.Facts.Fact;
import org.capi.eval.report.Section.Shares;
import org.capi.eval.report.Section.Shares.Rank;
import org.capi.eval.report.Section.Shares.Share;
import org.capi.train.config.PretrainConfig;

/**
 * The page that a demo ends with.
 *
 * @param metrics the run's {@code metrics.jsonl}
 */
record DemoReport(PretrainConfig config, Demo.DemoResult result, Path metrics) {

    void write(PcaGrid trained, PcaGrid untrained) throws IOException {
        var json = new ObjectMapper();
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(metrics)) {
            lines.add(json.readTree(line));
        }
        double first = lines.get(0).get("student_loss").asDouble();
        double last = lines.get(lines.size() - 1).get("student_loss").asDouble();
        String lead = String.format(
                Locale.ROOT,
                "A vision transformer was pretrained on drawn images without their labels, exported as a SavedModel"
                        + " and probed. The student's loss went from %.2f to %.2f; the nearest neighbours of an image"
                        + " name its class in %.1f %% of cases, %.1f %% before training.",
                first,
                last,
                100 * result.trainedTop1(),
                100 * result.untrainedTop1());
        new Report(
                        "CAPI on the embedded set",
                        lead,
                        List.of(accuracies(), pictures(trained, untrained), losses(lines), facts()))
                .write(Path.of(result.report()));
    }

    private Shares accuracies() {
        return new Shares(
                "k-NN accuracy",
                "Top-1 on the val split, k = 20, features: average of the patch tokens of the exported model.",
                List.of(
                        new Share("exported model", result.trainedTop1(), Rank.SUBJECT),
                        new Share("the same, untrained", result.untrainedTop1(), Rank.REFERENCE),
                        new Share("16 x 16 pixels", result.pixelsTop1(), Rank.REFERENCE),
                        new Share("chance", result.chance(), Rank.REFERENCE)));
    }

    private static Gallery pictures(PcaGrid trained, PcaGrid untrained) throws IOException {
        return new Gallery(
                "What the features follow",
                "The first three principal components of the patch features as red, green and blue: of each image on"
                        + " its own, and of all images together, where one colour means one thing.",
                List.of(
                        GalleryImage.of("the exported model", trained.png()),
                        GalleryImage.of("the untrained model", untrained.png())));
    }

    private static Curves losses(List<JsonNode> lines) {
        return new Curves(
                "Losses",
                "Cross-entropy of the student's predictions, and the clustering loss of the prototypes.",
                List.of(series("student", "student_loss", lines), series("clustering", "clustering_loss", lines)));
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
                                model.depth() + " blocks, width " + model.dim() + ", patch " + model.patchSize()),
                        new Fact("predictor", model.predictorDepth() + " blocks, width " + model.predictorDim()),
                        new Fact("prototypes", String.valueOf(config.capi().prototypes())),
                        new Fact("steps", result.steps() + " of " + optim.batchSize() + " images"),
                        new Fact(
                                "waiting for data",
                                String.format(
                                        Locale.ROOT, "%.1f %% of the training time", 100 * result.dataWaitShare())),
                        new Fact("time", String.format(Locale.ROOT, "%.0f s in all", result.seconds()))));
    }
}
