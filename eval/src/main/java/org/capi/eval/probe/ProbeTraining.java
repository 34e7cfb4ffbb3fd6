package org.capi.eval.probe;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.capi.data.CounterRandom;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.batch.SampleOrder;
import org.capi.data.files.DurableFile;
import org.capi.data.image.CropBox.RandomResizedCrop;
import org.capi.data.image.ImageHeader;
import org.capi.eval.features.DecodedImages;
import org.capi.eval.features.EncodedBatch;
import org.capi.graph.optim.Schedule;
import org.capi.savedmodels.VisionEncoder;

/**
 * Trains probes on random crops, each encoded in its step. Which image and which crop is a function of the seed and of
 * the position in the stream alone.
 *
 * @param rows of the dataset to train on
 * @param folder of the checkpoints: the variables, and how many steps were made, which is the position in the stream
 *     too
 * @param identity all that the probes depend on
 */
record ProbeTraining(
        ProbeSettings settings,
        VisionEncoder encoder,
        ImageDataset dataset,
        List<Long> rows,
        Path folder,
        String identity) {

    private static final long CROP = 2;
    private static final double REFERENCE_BATCH = 256;
    private static final String VARIABLES = "probes";
    private static final String STATE = "state.json";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private record State(String identity, int steps) {}

    /** Makes the steps that are missing. */
    void run(ProbeSession session, Progress progress) throws IOException {
        int done = restore(session);
        progress.from(done, settings.steps());
        Schedule schedule = ProbeSettings.schedule(settings.warmupSteps(), settings.steps());
        try (DecodedImages crops = crops(done)) {
            for (int step = done; step < settings.steps(); step++) {
                List<DecodedImages.Decoded> batch = new ArrayList<>();
                while (batch.size() < settings.batchSize()) {
                    batch.add(crops.next());
                }
                step(session, batch, schedule.at(step) * settings.batchSize() / REFERENCE_BATCH, step);
                int made = step + 1;
                if (made % settings.checkpointEvery() == 0 && made < settings.steps()) {
                    save(session, made);
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
        DecodedImages.View view = (kernels, image, position) -> {
            ImageHeader header = image.header();
            var draws = CounterRandom.of(settings.seed(), CROP, first + position);
            var box = crop.draw(header.height(), header.width(), draws);
            return kernels.crop(image.encoded(), header, box, side, side);
        };
        long count = (long) settings.steps() * settings.batchSize() - first;
        return new DecodedImages(
                dataset, view, position -> rows.get((int) order.at(first + position)), count, settings.threads());
    }

    /** Reads the newest checkpoint, and returns how many steps it had; 0 when there is none. */
    private int restore(ProbeSession session) throws IOException {
        List<Path> found = complete();
        if (found.isEmpty()) {
            return 0;
        }
        Path newest = found.get(found.size() - 1);
        State state = JSON.readValue(newest.resolve(STATE).toFile(), State.class);
        if (!state.identity.equals(identity)) {
            throw new IllegalArgumentException(
                    "the folder " + folder + " holds an unfinished training of other probes ("
                            + "another model, other images or settings); delete it, or choose another folder");
        }
        session.restore(newest.resolve(VARIABLES));
        return state.steps;
    }

    /** Writes the variables after so many steps, then deletes older checkpoints. */
    private void save(ProbeSession session, int steps) throws IOException {
        List<Path> before = complete();
        Path target = Files.createDirectories(folder).resolve(String.format(Locale.ROOT, "step-%07d", steps));
        Path partial = Files.createDirectory(DurableFile.sibling(target));
        session.save(partial.resolve(VARIABLES));
        DurableFile.write(partial.resolve(STATE), JSON.writeValueAsString(new State(identity, steps)));
        DurableFile.deleteTree(target);
        DurableFile.move(partial, target);
        for (Path old : before) {
            if (!old.equals(target)) {
                DurableFile.deleteTree(old);
            }
        }
    }

    private List<Path> complete() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(child -> !child.toString().endsWith(DurableFile.PARTIAL))
                    .filter(child -> Files.isRegularFile(child.resolve(STATE)))
                    .sorted(Comparator.naturalOrder())
                    .toList();
        }
    }
}
