package org.capi.train.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.SeededDraws;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.CropBox;
import org.capi.data.image.Geometry;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;
import org.capi.data.image.RandomResizedCrop;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TUint8;

/** Times the parts of making a training image, one after the other on one thread. */
record DataStages(int size) {

    private static final int WARM_UP = 200;
    private static final int IMAGES = 1000;
    private static final long STRIDE = 7919; // a prime: rows from all over the dataset
    private static final RandomResizedCrop CROP = new RandomResizedCrop(0.6, 1);

    private static final List<String> PARTS =
            List.of("read and check", "decode the window", "resize", "flip and put into the batch");

    List<DataTimes.Stage> of(ImageDataset dataset) throws IOException {
        long[] nanos = new long[PARTS.size()];
        try (var kernels = new ImageKernels();
                TUint8 batch = TUint8.tensorOf(Shape.of(1, size, size, 3))) {
            for (int i = -WARM_UP; i < IMAGES; i++) {
                long[] instants = one(dataset, i, kernels, batch);
                for (int part = 0; part < nanos.length && i >= 0; part++) {
                    nanos[part] += instants[part + 1] - instants[part];
                }
            }
        }
        List<DataTimes.Stage> stages = new ArrayList<>();
        for (int part = 0; part < nanos.length; part++) {
            stages.add(new DataTimes.Stage(PARTS.get(part), nanos[part] / 1e6 / IMAGES));
        }
        return stages;
    }

    /** Makes one image; the instants between which its parts were made. */
    private long[] one(ImageDataset dataset, int i, ImageKernels kernels, TUint8 batch) throws IOException {
        long row = Math.floorMod(i * STRIDE, dataset.size());
        long start = System.nanoTime();
        ImageRecord image = dataset.get(row);
        long read = System.nanoTime();
        ImageHeader header = image.header();
        CropBox box = CROP.draw(header.height(), header.width(), SeededDraws.of(1, i));
        Pixels window = kernels.window(image.encoded(), header, box);
        long decoded = System.nanoTime();
        Pixels resized = window.bicubic(Geometry.filling(size, size));
        long done = System.nanoTime();
        Pixels shown = i % 2 == 0 ? resized : resized.flipped();
        batch.asRawTensor().data().write(shown.toArray());
        return new long[] {start, read, decoded, done, System.nanoTime()};
    }
}
