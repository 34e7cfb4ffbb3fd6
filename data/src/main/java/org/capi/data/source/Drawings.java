package org.capi.data.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.data.Progress;
import org.capi.data.SeededDraws;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.Png;

/**
 * The embedded set: drawn figures with class labels and pixel maps, for a seed the same on every machine.
 *
 * <p>Ten classes, each an outline and a pattern; place, size, turn and colours are drawn without regard to the class
 * around one palette, so that colours say little about it. In a label map 0 is the background and k + 1 the class with label k.
 *
 * @param train the images of the split train
 * @param val the images of the split val; 0 leaves it out
 * @param size the side of an image in pixels
 */
public record Drawings(int train, int val, int size, long seed) {

    private static final int MIN_SIZE = 32;
    private static final int MAX_SIZE = 1024;

    public Drawings {
        if (train < 1) {
            throw new IllegalArgumentException("--train must be at least 1, was " + train);
        }
        if (val < 0) {
            throw new IllegalArgumentException("--val must be at least 0, was " + val);
        }
        if (size < MIN_SIZE || size > MAX_SIZE) {
            throw new IllegalArgumentException(
                    "--size must be from " + MIN_SIZE + " to " + MAX_SIZE + " pixels, was " + size);
        }
    }

    /** The class names, in the order of their labels. */
    public static List<String> classes() {
        return Figure.ALL.stream().map(Figure::className).toList();
    }

    /** Draws every split into a dataset's folder; on failure none is left there. */
    public List<ImportedSplit> generate(Path to, Progress progress) throws IOException {
        Map<String, Integer> splits = new LinkedHashMap<>();
        splits.put("train", train);
        if (val > 0) {
            splits.put("val", val);
        }
        splits.keySet().forEach(split -> Splits.checkNew(to, split));
        List<String> classes = Splits.classes(to, List.of());
        if (!classes.isEmpty() && !classes.equals(classes())) {
            throw new IllegalArgumentException("the dataset " + to + " holds other classes: " + classes);
        }
        try (var run = new ImportRun(to, ImportOptions.strict(), (long) train + val, progress)) {
            int number = 0;
            for (var split : splits.entrySet()) {
                run.begin(split.getKey());
                for (int i = 0; i < split.getValue(); i++) {
                    long stream = (long) number << 32 | i;
                    Figure figure = Figure.ALL.get(i % Figure.ALL.size());
                    String name = figure.className() + "/" + i + ".png";
                    run.offer(name, () -> image(figure, name, stream));
                }
                run.end();
                number++;
            }
            return run.finish("drawings seed " + seed, classes());
        }
    }

    private ImageRecord image(Figure figure, String name, long stream) {
        Drawing drawing = Drawing.draw(figure, size, SeededDraws.of(seed, stream));
        return new ImageRecord(
                name,
                ByteBuffer.wrap(Png.encode(drawing.image())),
                figure.label(),
                ByteBuffer.wrap(Png.encode(drawing.labelMap())),
                size,
                size);
    }
}
