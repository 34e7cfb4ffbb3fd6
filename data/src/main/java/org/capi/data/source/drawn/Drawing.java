package org.capi.data.source.drawn;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.Draws;
import org.capi.data.image.Pixels;
import org.jspecify.annotations.Nullable;

/**
 * One image of the embedded set: one to three figures of a class over a background.
 *
 * @param image {@code [size, size, 3]}
 * @param labelMap {@code [size, size, 1]}: the label, or {@link #NOTHING} for the background
 */
record Drawing(Pixels image, Pixels labelMap) {

    /** What a label map has where there is no figure. */
    static final int NOTHING = 255;

    private static final int SAMPLES = 2; // each way, in every pixel

    // One palette for all images, with small differences: where colours vary freely they rule the features of a model
    // that has only minutes to learn.
    private static final Colour BACKGROUND = new Colour(96, 150, 152);
    private static final Colour DARK = new Colour(44, 38, 92);
    private static final Colour BRIGHT = new Colour(244, 206, 140);

    static Drawing draw(Figure figure, int size, Draws draws) {
        Colour back = BACKGROUND.near(draws, 24);
        Colour back2 = back.near(draws, 30);
        Colour dark = DARK.near(draws, 18);
        Colour bright = BRIGHT.near(draws, 18);
        boolean darkFirst = draws.below(2) == 0;
        Colour front = darkFirst ? dark : bright;
        Colour front2 = darkFirst ? bright : dark;
        var background = Background.draw(draws, size, back, back2);
        List<PlacedFigure> figures = new ArrayList<>();
        int count = 1 + draws.below(3);
        for (int i = 0; i < count; i++) {
            double radius = size * (count == 1 ? draws.uniform(0.3, 0.48) : draws.uniform(0.22, 0.34));
            figures.add(PlacedFigure.draw(figure, radius, size, draws, front, front2));
        }
        return render(size, background, figures, draws.uniform(20, 50), draws.below(Integer.MAX_VALUE));
    }

    private static Drawing render(
            int size, Background background, List<PlacedFigure> figures, double grain, long grainSeed) {
        byte[] image = new byte[size * size * 3];
        byte[] map = new byte[size * size];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                Colour behind = background.at(x + 0.5, y + 0.5);
                double red = 0;
                double green = 0;
                double blue = 0;
                int covered = 0;
                for (int sample = 0; sample < SAMPLES * SAMPLES; sample++) {
                    int sampleRow = sample / SAMPLES;
                    double px = x + (sample % SAMPLES + 0.5) / SAMPLES;
                    double py = y + (sampleRow + 0.5) / SAMPLES;
                    PlacedFigure top = topmost(figures, px, py);
                    Colour colour = top == null ? behind : top.at(px, py);
                    covered += top == null ? 0 : 1;
                    red += colour.red();
                    green += colour.green();
                    blue += colour.blue();
                }
                int pixel = y * size + x;
                double noise = grain * (Patterns.noise(grainSeed, pixel) - 0.5);
                image[3 * pixel] = toByte(red / (SAMPLES * SAMPLES) + noise);
                image[3 * pixel + 1] = toByte(green / (SAMPLES * SAMPLES) + noise);
                image[3 * pixel + 2] = toByte(blue / (SAMPLES * SAMPLES) + noise);
                boolean inside = 2 * covered >= SAMPLES * SAMPLES;
                map[pixel] = (byte) (inside ? figures.get(0).figure().label() : NOTHING);
            }
        }
        return new Drawing(
                new Pixels(ByteBuffer.wrap(image), size, size, 3), new Pixels(ByteBuffer.wrap(map), size, size, 1));
    }

    private static @Nullable PlacedFigure topmost(List<PlacedFigure> figures, double px, double py) {
        for (int i = figures.size() - 1; i >= 0; i--) {
            if (figures.get(i).contains(px, py)) {
                return figures.get(i);
            }
        }
        return null;
    }

    private static byte toByte(double value) {
        return (byte) (int) Math.min(255, Math.max(0, Math.rint(value)));
    }
}
