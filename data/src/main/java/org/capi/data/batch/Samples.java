package org.capi.data.batch;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.CounterRandom;
import org.capi.data.arrow.ImageDataset.ShardException;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.CropBox;
import org.capi.data.image.CropBox.RandomResizedCrop;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;
import org.capi.data.mask.MaskGenerator;

/**
 * The samples of a stream, each computed from its position alone: which image, which crop, flipped or not, which mask.
 *
 * <p>Every draw is a function of the seed and the position, which counts the samples of all workers over the epochs.
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

    /**
     * One row of a batch, and what it was made of.
     *
     * @param row of the dataset
     * @param image that was read there
     * @param header of that image, whose height and width the box lies in
     * @param box the part of the image that the crop shows
     * @param flipped whether the crop was mirrored afterwards
     * @param crop the input of the model
     * @param visible the patches that the student sees, ascending from 0 in reading order
     * @param predicted the hidden patches that it predicts
     */
    public record Sample(
            long row,
            ImageRecord image,
            ImageHeader header,
            CropBox box,
            boolean flipped,
            Pixels crop,
            List<Long> visible,
            List<Long> predicted) {

        public Sample {
            visible = List.copyOf(visible);
            predicted = List.copyOf(predicted);
        }
    }

    /** The sample at a position, of any worker; where its image cannot be read, the next one in the order that can. */
    public Sample at(long position) throws IOException {
        long size = images.size();
        long tries = Math.min(size, MAX_REPLACEMENTS);
        IOException failure = new IOException("there are no images");
        for (long attempt = 0; attempt < tries; attempt++) {
            long row = order.at(position / size, (position % size + attempt) % size);
            try {
                return sample(row, images.get(row), position);
            } catch (ShardException e) {
                throw e; // the file is at fault, not this image
            } catch (IOException e) {
                failure = e;
                if (unreadable.add(row)) {
                    log.warn("skipped {}: {}", images.place(row), e.getMessage());
                }
            }
        }
        throw new IOException(
                "no readable image among " + tries + " of " + images.folders() + "; the last: " + failure.getMessage(),
                failure);
    }

    long unreadable() {
        return unreadable.size();
    }

    private Sample sample(long row, ImageRecord image, long position) throws IOException {
        CounterRandom random = CounterRandom.of(settings.seed(), CROP, position);
        try {
            ImageHeader header = image.header();
            CropBox box = crop.draw(header.height(), header.width(), random);
            boolean flipped = settings.flip() && random.below(2) == 1;
            Pixels pixels = flipped
                    ? kernels.mirroredCrop(image.encoded(), header, box, settings.height(), settings.width())
                    : kernels.crop(image.encoded(), header, box, settings.height(), settings.width());
            CounterRandom forMask = CounterRandom.of(settings.seed(), MASK, position);
            var counts = settings.counts();
            boolean[] mask = settings.mask().draw(settings.rows(), settings.columns(), counts.masked(), forMask);
            return new Sample(
                    row,
                    image,
                    header,
                    box,
                    flipped,
                    pixels,
                    boxed(MaskGenerator.visible(mask, 0)),
                    boxed(MaskGenerator.predicted(mask, counts.predicted(), 0, forMask)));
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
