package org.capi.eval.probe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.DecodedImages;
import org.capi.eval.features.EncodedBatch;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Transform;

/** Shows images to trained probes. */
record ProbeTester(ProbeSession session, LoadedModel model, ProbeSettings settings) {

    /** Judges the images of some rows that have a right class. */
    void judge(ImageDataset dataset, List<Long> rows, Targets targets, ProbeScores scores, Progress progress)
            throws IOException {
        List<DecodedImages.Decoded> batch = new ArrayList<>();
        DecodedImages.View view = Transform.CENTRE.view(settings.imageSize());
        long done = 0;
        try (var images = new DecodedImages(
                dataset,
                (kernels, image, place) -> view.of(kernels, image),
                place -> rows.get((int) place),
                rows.size(),
                settings.threads())) {
            while (images.hasNext()) {
                var image = images.next();
                done++;
                if (!targets.of(image.name(), image.label()).isEmpty()) {
                    batch.add(image);
                }
                if (batch.size() == settings.batchSize() || !images.hasNext()) {
                    judge(batch, targets, scores);
                    batch.clear();
                }
                progress.at(done, rows.size());
            }
        }
    }

    private void judge(List<DecodedImages.Decoded> batch, Targets targets, ProbeScores scores) {
        if (batch.isEmpty()) {
            return;
        }
        var encoded = EncodedBatch.of(
                model.encoder(),
                batch.stream().map(DecodedImages.Decoded::pixels).toList());
        session.best(encoded::tensor).forEach((representation, named) -> {
            for (int i = 0; i < batch.size(); i++) {
                var image = batch.get(i);
                scores.add(representation, named, i, targets.of(image.name(), image.label()));
            }
        });
    }
}
