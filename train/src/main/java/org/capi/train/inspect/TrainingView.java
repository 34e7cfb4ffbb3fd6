package org.capi.train.inspect;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.batch.BatchSettings;
import org.capi.data.batch.Images;
import org.capi.data.batch.Sample;
import org.capi.data.batch.Samples;
import org.capi.data.image.CropBox;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;
import org.capi.data.image.Png;
import org.capi.eval.report.InlinePicture;
import org.capi.eval.report.MarkedPictures;
import org.capi.eval.report.MarkedPictures.Kind;
import org.capi.eval.report.MarkedPictures.Mark;
import org.capi.eval.report.MarkedPictures.Meaning;
import org.capi.eval.report.MarkedPictures.Panel;
import org.capi.eval.report.MarkedPictures.Shown;

/** The first samples that a pretraining on a dataset is shown: where they are cut out, and what is hidden of them. */
record TrainingView(ImageDataset dataset, BatchSettings settings, ImageKernels kernels) {

    private static final int SAMPLES = 16;
    private static final int ORIGINAL_SIDE = 280;

    MarkedPictures pictures(String heading) throws IOException {
        var samples = new Samples(Images.of(dataset), settings, kernels);
        List<Shown> entries = new ArrayList<>();
        for (int position = 0; position < SAMPLES; position++) {
            entries.add(entry(position, samples.at(position)));
        }
        var counts = settings.counts();
        String note = "The first " + SAMPLES + " samples of a pretraining with seed " + settings.seed() + ": crops of "
                + settings.width() + " x " + settings.height() + " pixels, " + settings.columns() + " x "
                + settings.rows()
                + " patches. The student sees " + counts.visible() + " of them and predicts the clusters of "
                + counts.predicted() + " of the " + counts.masked() + " that are hidden.";
        return new MarkedPictures(
                heading,
                note,
                List.of(
                        new Meaning("#ff5a36", "the crop"),
                        new Meaning("#59636f", "hidden from the student"),
                        new Meaning("#f2b134", "hidden and predicted")),
                entries);
    }

    private Shown entry(int number, Sample sample) throws IOException {
        Pixels original = Pictures.shrunk(kernels, sample.image(), sample.header(), ORIGINAL_SIDE);
        InlinePicture crop = InlinePicture.png(Png.encode(sample.crop()));
        int height = settings.height();
        int width = settings.width();
        CropBox box = sample.box();
        return new Shown(
                number + ": " + sample.image().name(),
                className(sample.image()) + sample.header().width() + " x "
                        + sample.header().height() + ", crop "
                        + box.width() + " x " + box.height() + " at " + box.left() + ", " + box.top()
                        + (sample.flipped() ? ", flipped" : ""),
                List.of(
                        new Panel(
                                "original",
                                Pictures.jpeg(original),
                                sample.header().width(),
                                sample.header().height(),
                                List.of(new Mark(box.left(), box.top(), box.width(), box.height(), Kind.FRAMED))),
                        new Panel(sample.flipped() ? "crop, flipped" : "crop", crop, width, height, List.of()),
                        new Panel("what the student sees", crop, width, height, marks(sample))));
    }

    private List<Mark> marks(Sample sample) {
        Set<Long> visible = new HashSet<>(sample.visible());
        Set<Long> predicted = new HashSet<>(sample.predicted());
        int side = settings.patchSize();
        List<Mark> marks = new ArrayList<>();
        for (int patch = 0; patch < settings.counts().tokens(); patch++) {
            if (!visible.contains((long) patch)) {
                int left = patch % settings.columns() * side;
                int top = patch / settings.columns() * side;
                Kind kind = predicted.contains((long) patch) ? Kind.CHOSEN : Kind.HIDDEN;
                marks.add(new Mark(left, top, side, side, kind));
            }
        }
        return marks;
    }

    private String className(ImageRecord image) {
        return image.label() == ImageRecord.UNLABELLED ? "" : dataset.classes().get(image.label()) + ", ";
    }
}
