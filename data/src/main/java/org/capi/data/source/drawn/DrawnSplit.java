package org.capi.data.source.drawn;

import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.capi.data.SeededDraws;
import org.capi.data.image.Pixels;
import org.capi.data.image.Png;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.capi.data.source.Label;
import org.capi.data.source.SourceSplit;
import org.jspecify.annotations.Nullable;

/** One split of the embedded set; each image has its own stream of random numbers. */
record DrawnSplit(String name, int number, long entries, Drawings drawings) implements SourceSplit {

    @Override
    public EntryReader open() {
        return new EntryReader() {
            private long next;

            @Override
            public @Nullable Entry next() {
                return next == entries ? null : entry(next++);
            }

            @Override
            public void skip(long count) {
                next = Math.min(entries, next + count);
            }

            @Override
            public void close() {}
        };
    }

    private Entry entry(long index) {
        Figure figure = Figure.ALL.get((int) (index % Figure.ALL.size()));
        var drawn = new Once(() ->
                Drawing.draw(figure, drawings.size(), SeededDraws.of(drawings.seed(), (long) number << 32 | index)));
        return new Entry(
                figure.className() + "/" + index + ".png",
                () -> png(drawn.get().image()),
                new Label.Named(figure.className()),
                () -> png(drawn.get().labelMap()));
    }

    /** A drawing that is drawn when its image or its label map is read first. */
    private static final class Once {

        private final Supplier<Drawing> drawing;
        private @Nullable Drawing drawn;

        Once(Supplier<Drawing> drawing) {
            this.drawing = drawing;
        }

        synchronized Drawing get() {
            if (drawn == null) {
                drawn = drawing.get();
            }
            return drawn;
        }
    }

    private static ByteBuffer png(Pixels pixels) {
        return ByteBuffer.wrap(Png.encode(pixels));
    }
}
