package org.capi.data.source.drawn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.capi.data.CounterRandom;
import org.capi.data.Progress;
import org.capi.data.Require;
import org.capi.data.image.Png;
import org.capi.data.imports.Import;
import org.capi.data.imports.Import.ImportedSplit;
import org.capi.data.imports.ImportOptions;
import org.capi.data.source.Entry;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.Source.Scanned;
import org.capi.data.source.Source.ScannedSplit;
import org.capi.data.source.Source.SourceSplit;
import org.jspecify.annotations.Nullable;

/**
 * The embedded set: drawn figures with class labels and pixel maps, for a seed the same on every machine.
 *
 * <p>Ten classes, each an outline and a pattern; position, size, turn and colours are drawn independently of the class
 * around one palette, so that colours tell little about it. In a label map the background is 255, which stands for no
 * class.
 *
 * @param train the images of the split train
 * @param val the images of the split val; 0 leaves it out
 * @param size the side of an image in pixels
 */
public record Drawings(int train, int val, int size, long seed) {

    private static final int MIN_SIZE = 32;
    private static final int MAX_SIZE = 1024;

    public Drawings {
        Require.atLeastOne("--train", train);
        if (val < 0) {
            throw new IllegalArgumentException("--val must be at least 0, was " + val);
        }
        if (size < MIN_SIZE || size > MAX_SIZE) {
            throw new IllegalArgumentException(
                    "--size must be from " + MIN_SIZE + " to " + MAX_SIZE + " pixels, was " + size);
        }
    }

    public static List<String> classes() {
        return DrawnFigure.ALL.stream().map(DrawnFigure::className).toList();
    }

    /** Draws every split into a dataset's folder; on failure none is left there. */
    public List<ImportedSplit> generate(Path to, Progress progress) throws IOException {
        List<SourceSplit> splits = new ArrayList<>();
        splits.add(new ScannedSplit("train", train, () -> reader(0, train)));
        if (val > 0) {
            splits.add(new ScannedSplit("val", val, () -> reader(1, val)));
        }
        var source = new Scanned("drawings of " + size + " pixels, seed " + seed, splits, classes(), List.of());
        return Import.run(source, to, ImportOptions.strict().ignoring(Set.of(Drawing.NOTHING)), progress);
    }

    private EntryReader reader(int split, long entries) {
        return new EntryReader() {
            private long next;

            @Override
            public @Nullable Entry next() {
                return next == entries ? null : entry(split, next++);
            }

            @Override
            public void skip(long count) {
                next = Math.min(entries, next + count);
            }
        };
    }

    /** An image with its own stream of random numbers. */
    private Entry entry(int split, long index) {
        DrawnFigure figure = DrawnFigure.ALL.get((int) (index % DrawnFigure.ALL.size()));
        var drawing = new Object() {
            private @Nullable Drawing drawn;

            synchronized Drawing get() { // drawn when the image or the label map is read first
                if (drawn == null) {
                    drawn = Drawing.draw(figure, size, CounterRandom.of(seed, (long) split << 32 | index));
                }
                return drawn;
            }
        };
        return new Entry(
                figure.className() + "/" + index + ".png",
                () -> ByteBuffer.wrap(Png.encode(drawing.get().image())),
                new Entry.Label.Named(figure.className()),
                () -> ByteBuffer.wrap(Png.encode(drawing.get().labelMap())));
    }
}
