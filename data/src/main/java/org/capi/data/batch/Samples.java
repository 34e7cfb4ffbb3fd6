package org.capi.data.batch;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.SeededDraws;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.arrow.ShardException;
import org.capi.data.image.CropBox;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;
import org.capi.data.image.RandomResizedCrop;
import org.capi.data.mask.Collate;

/**
 * The samples of a stream, each computed from its place alone: which image, which crop, flipped or not, which mask.
 *
 * <p>Every draw is a function of the seed, the epoch and the place in it, which a position tells both: it counts the
 * samples of all workers over the epochs.
 */
public final class Samples {

    private static final Logger log = LogManager.getLogger(Samples.class);

    private static final int MAX_REPLACEMENTS = 1000;
    private static final long CROP = 2;
    private static final long MASK = 3;

    private final Images images;
    private final BatchSettings settings;
    private final ImageKernels kernels;
    private final RandomResizedCrop crop;
    private final SampleOrder order;
    private final Set<Long> unreadable = ConcurrentHashMap.newKeySet();

    /** The kernels stay the caller's to close. */
    public Samples(Images images, BatchSettings settings, ImageKernels kernels) {
        this.images = images;
        this.settings = settings;
        this.kernels = kernels;
        this.crop = new RandomResizedCrop(settings.cropScaleMin(), settings.cropScaleMax());
        this.order = new SampleOrder(settings.seed(), images.size());
    }

    /** A crop of an image before its mask is drawn. */
    private record Cropped(
            long row, ImageRecord image, ImageHeader header, CropBox box, boolean flipped, Pixels pixels) {}

    /** The sample at a position, of any worker. */
    public Sample at(long position) throws IOException {
        Cropped cropped = cropped(position);
        var counts = settings.counts();
        SeededDraws draws = SeededDraws.of(settings.seed(), MASK, position);
        boolean[] mask = settings.mask().draw(settings.rows(), settings.columns(), counts.masked(), draws);
        return new Sample(
                cropped.row,
                cropped.image,
                cropped.header,
                cropped.box,
                cropped.flipped,
                cropped.pixels,
                boxed(Collate.visible(mask, 0)),
                boxed(Collate.predicted(mask, counts.predicted(), 0, draws)));
    }

    /** How many rows could not be read so far. */
    long unreadable() {
        return unreadable.size();
    }

    /** The image of a place, or, where it cannot be read, the next one in the order that can. */
    private Cropped cropped(long position) throws IOException {
        long size = images.size();
        long tries = Math.min(size, MAX_REPLACEMENTS);
        IOException failure = new IOException("there are no images");
        for (long attempt = 0; attempt < tries; attempt++) {
            long row = order.at(position / size, (position % size + attempt) % size);
            try {
                return cropped(row, images.get(row), position);
            } catch (ShardException e) {
                throw e; // the file is at fault, not this image
            } catch (IOException e) {
                failure = e;
                if (unreadable.add(row)) {
                    log.warn("{} is left out: {}", images.place(row), e.getMessage());
                }
            }
        }
        throw new IOException(
                "no readable image among " + tries + " of " + images.folders() + "; the last: " + failure.getMessage(),
                failure);
    }

    private Cropped cropped(long row, ImageRecord image, long position) throws IOException {
        SeededDraws draws = SeededDraws.of(settings.seed(), CROP, position);
        try {
            ImageHeader header = image.header();
            var box = crop.draw(header.height(), header.width(), draws);
            boolean flipped = settings.flip() && draws.below(2) == 1;
            Pixels pixels = flipped
                    ? kernels.mirroredCrop(image.encoded(), header, box, settings.height(), settings.width())
                    : kernels.crop(image.encoded(), header, box, settings.height(), settings.width());
            return new Cropped(row, image, header, box, flipped, pixels);
        } catch (IOException e) {
            throw new IOException(image.name() + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new IllegalStateException(image.name() + ": " + e, e);
        }
    }

    private static List<Long> boxed(long[] positions) {
        return Arrays.stream(positions).boxed().toList();
    }
}
