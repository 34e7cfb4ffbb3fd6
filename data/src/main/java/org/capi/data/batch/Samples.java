package org.capi.data.batch;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.SeededDraws;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;
import org.capi.data.image.RandomResizedCrop;
import org.capi.data.mask.Collate;

/** Computes any row of any batch from its place alone: which image, which crop, flipped or not, which mask. */
final class Samples {

    private static final Logger log = LogManager.getLogger(Samples.class);

    private static final int MAX_REPLACEMENTS = 1000;
    private static final long ORDER = 1;
    private static final long CROP = 2;
    private static final long MASK = 3;

    private final ImageDataset dataset;
    private final BatchSettings settings;
    private final ImageKernels kernels;
    private final RandomResizedCrop crop;
    private final Set<Long> unreadable = ConcurrentHashMap.newKeySet();
    private volatile NumberedOrder newest;

    private record NumberedOrder(long epoch, EpochOrder order) {}

    Samples(ImageDataset dataset, BatchSettings settings, ImageKernels kernels) {
        this.dataset = dataset;
        this.settings = settings;
        this.kernels = kernels;
        this.crop = new RandomResizedCrop(settings.cropScaleMin(), settings.cropScaleMax());
        this.newest = new NumberedOrder(0, order(0));
    }

    void fill(PendingBatch batch, long step, int row) throws IOException {
        long position = (step * settings.world() + settings.rank()) * settings.batchSize() + row;
        var counts = settings.counts();
        SeededDraws draws = SeededDraws.of(settings.seed(), MASK, position);
        boolean[] mask = settings.mask().draw(settings.rows(), settings.columns(), counts.masked(), draws);
        long first = (long) row * counts.tokens();
        batch.put(
                row,
                image(position),
                Collate.visible(mask, first),
                Collate.predicted(mask, counts.predicted(), first, draws));
    }

    /** The rows of the dataset that could not be read so far. */
    long unreadable() {
        return unreadable.size();
    }

    /** The image of a place, or, where it cannot be read, the next one in the order that can. */
    private Pixels image(long position) throws IOException {
        long epoch = position / dataset.size();
        long index = position % dataset.size();
        EpochOrder order = orderOf(epoch);
        long tries = Math.min(dataset.size(), MAX_REPLACEMENTS);
        IOException failure = new IOException("the dataset is empty");
        for (long attempt = 0; attempt < tries; attempt++) {
            long row = order.at((index + attempt) % dataset.size());
            try {
                return image(dataset.get(row), position);
            } catch (IOException e) {
                failure = e;
                if (unreadable.add(row)) {
                    log.warn("row {} of {} is left out: {}", row, dataset.folder(), e.getMessage());
                }
            }
        }
        throw new IOException(
                "no readable image among " + tries + " of " + dataset.folder() + "; the last: " + failure.getMessage(),
                failure);
    }

    private Pixels image(ImageRecord image, long position) throws IOException {
        SeededDraws draws = SeededDraws.of(settings.seed(), CROP, position);
        try {
            ImageHeader shown = ImageHeader.read(image.encoded());
            ImageHeader header = image.labelMap() == null ? shown : shown.asStored();
            var box = crop.draw(header.height(), header.width(), draws);
            Pixels pixels = kernels.crop(image.encoded(), header, box, settings.height(), settings.width());
            return settings.flip() && draws.below(2) == 1 ? pixels.flipped() : pixels;
        } catch (IOException e) {
            throw new IOException(image.name() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new IllegalStateException(image.name() + ": " + e, e);
        }
    }

    private EpochOrder orderOf(long epoch) {
        NumberedOrder known = newest;
        if (known.epoch != epoch) {
            known = new NumberedOrder(epoch, order(epoch));
            newest = known;
        }
        return known.order;
    }

    private EpochOrder order(long epoch) {
        return new EpochOrder(SeededDraws.of(settings.seed(), ORDER).bits(), epoch, dataset.size());
    }
}
