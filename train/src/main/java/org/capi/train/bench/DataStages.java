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
    private static final RandomResizedCrop CROP = new RandomResizedCrop(0.6, 1);

    private enum Part {
        READ("read and check"),
        DECODE("decode the window"),
        RESIZE("resize"),
        FLIP("flip and put into the batch");

        private final String title;

        Part(String title) {
            this.title = title;
        }
    }

    List<DataTimes.Stage> of(ImageDataset dataset) throws IOException {
        long[] nanos = new long[Part.values().length];
        try (var kernels = new ImageKernels();
                TUint8 batch = TUint8.tensorOf(Shape.of(1, size, size, 3))) {
            for (int i = 0; i < WARM_UP + IMAGES; i++) {
                if (i == WARM_UP) {
                    nanos = new long[nanos.length];
                }
                one(dataset, i, kernels, batch, nanos);
            }
        }
        List<DataTimes.Stage> stages = new ArrayList<>();
        for (Part part : Part.values()) {
            stages.add(new DataTimes.Stage(part.title, nanos[part.ordinal()] / 1e6 / IMAGES));
        }
        return stages;
    }

    private void one(ImageDataset dataset, int i, ImageKernels kernels, TUint8 batch, long[] nanos) throws IOException {
        long row = Math.floorMod(i * 7919L, dataset.size());
        long start = System.nanoTime();
        ImageRecord image = dataset.get(row);
        long read = System.nanoTime();
        ImageHeader header = ImageHeader.read(image.encoded());
        CropBox box = CROP.draw(header.height(), header.width(), SeededDraws.of(1, i));
        Pixels window = kernels.window(image.encoded(), header, box);
        long decoded = System.nanoTime();
        Pixels resized = window.bicubic(Geometry.filling(size, size));
        long done = System.nanoTime();
        Pixels shown = i % 2 == 0 ? resized : resized.flipped();
        batch.asRawTensor().data().write(shown.toArray());
        nanos[Part.READ.ordinal()] += read - start;
        nanos[Part.DECODE.ordinal()] += decoded - read;
        nanos[Part.RESIZE.ordinal()] += done - decoded;
        nanos[Part.FLIP.ordinal()] += System.nanoTime() - done;
    }
}
