package org.capi.eval.probe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.SeededDraws;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.batch.SampleOrder;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.RandomResizedCrop;
import org.capi.eval.features.DecodedImages;
import org.capi.eval.features.EncodedBatch;
import org.capi.savedmodels.VisionEncoder;

/**
 * Trains probes on random crops, each encoded when its step comes. Which image and which crop is a function of the seed
 * and of the place in the stream alone.
 */
record ProbeTraining(ProbeSettings settings, VisionEncoder encoder, ImageDataset dataset, List<Long> rows) {

    private static final long CROP = 2;
    private static final double REFERENCE_BATCH = 256;

    /** Makes the steps that are missing. */
    void run(ProbeSession session, ProbeCheckpoint checkpoint, Progress progress) throws IOException {
        int done = checkpoint.restore(session);
        progress.from(done, settings.steps());
        ProbeSchedule schedule = settings.schedule();
        try (DecodedImages crops = crops(done)) {
            for (int step = done; step < settings.steps(); step++) {
                List<DecodedImages.Decoded> batch = new ArrayList<>();
                while (batch.size() < settings.batchSize()) {
                    batch.add(crops.next());
                }
                double factor = schedule.at(step) * settings.batchSize() / REFERENCE_BATCH;
                step(session, batch, factor, step);
                int made = step + 1;
                if (made % settings.checkpointEvery() == 0 && made < settings.steps()) {
                    checkpoint.save(session, made);
                }
                progress.at(made, settings.steps());
            }
        }
    }

    private void step(ProbeSession session, List<DecodedImages.Decoded> batch, double factor, int step) {
        var encoded = EncodedBatch.of(
                encoder, batch.stream().map(DecodedImages.Decoded::pixels).toList());
        int[] labels = batch.stream().mapToInt(DecodedImages.Decoded::label).toArray();
        float loss = session.step(encoded::tensor, labels, factor, step);
        if (!Float.isFinite(loss)) {
            throw new IllegalStateException("the loss of the probes is " + loss + " at step " + step
                    + ": the encoder gives numbers that are not finite, or a learning rate is too large");
        }
    }

    private DecodedImages crops(int done) {
        var order = new SampleOrder(settings.seed(), rows.size());
        var crop = new RandomResizedCrop(settings.cropScaleMin(), 1);
        int side = settings.imageSize();
        long first = (long) done * settings.batchSize();
        DecodedImages.PlacedView view = (kernels, image, place) -> {
            ImageHeader header = image.header();
            var draws = SeededDraws.of(settings.seed(), CROP, first + place);
            var box = crop.draw(header.height(), header.width(), draws);
            return kernels.crop(image.encoded(), header, box, side, side);
        };
        long count = (long) settings.steps() * settings.batchSize() - first;
        return new DecodedImages(
                dataset, view, place -> rows.get((int) order.at(first + place)), count, settings.threads());
    }
}
