package org.capi.data.source.drawn;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.capi.data.Progress;
import org.capi.data.imports.Import;
import org.capi.data.imports.ImportOptions;
import org.capi.data.imports.ImportedSplit;

/**
 * The embedded set: drawn figures with class labels and pixel maps, for a seed the same on every machine.
 *
 * <p>Ten classes, each an outline and a pattern; place, size, turn and colours are drawn without regard to the class
 * around one palette, so that colours say little about it. In a label map the background is 255, which
 * stands for no class.
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
        return Import.run(
                new DrawnSource(this), to, ImportOptions.strict().ignoring(Set.of(Drawing.NOTHING)), progress);
    }
}
