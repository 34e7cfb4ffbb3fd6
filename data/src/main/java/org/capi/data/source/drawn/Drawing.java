package org.capi.data.source.drawn;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.CounterRandom;
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

    static Drawing draw(DrawnFigure figure, int size, CounterRandom draws) {
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
                double[] sums = new double[3];
                int covered = 0;
                for (int sample = 0; sample < SAMPLES * SAMPLES; sample++) {
                    int sampleRow = sample / SAMPLES;
                    double px = x + (sample % SAMPLES + 0.5) / SAMPLES;
                    double py = y + (sampleRow + 0.5) / SAMPLES;
                    PlacedFigure top = topmost(figures, px, py);
                    Colour colour = top == null ? behind : top.at(px, py);
                    covered += top == null ? 0 : 1;
                    sums[0] += colour.red();
                    sums[1] += colour.green();
                    sums[2] += colour.blue();
                }
                int pixel = y * size + x;
                double noise = grain * (DrawnFigure.noise(grainSeed, pixel) - 0.5);
                for (int c = 0; c < 3; c++) {
                    image[3 * pixel + c] = toByte(sums[c] / (SAMPLES * SAMPLES) + noise);
                }
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

    /**
     * The surface behind the figures: hills of colour, bands or blotches, turned and scaled at random.
     *
     * @param kind which of the {@link #KINDS} surfaces
     * @param cosine of the turn, with its {@code sine}, both divided by the width of the surface's features in pixels
     */
    private record Background(int kind, long seed, double cosine, double sine, Colour first, Colour second) {

        private static final int KINDS = 4;

        static Background draw(CounterRandom draws, int size, Colour first, Colour second) {
            double angle = draws.uniform(0, 2 * Math.PI);
            double width = size * draws.uniform(0.08, 0.3);
            return new Background(
                    draws.below(KINDS),
                    draws.below(Integer.MAX_VALUE),
                    StrictMath.cos(angle) / width,
                    StrictMath.sin(angle) / width,
                    first,
                    second);
        }

        Colour at(double x, double y) {
            double u = cosine * x + sine * y;
            double v = cosine * y - sine * x;
            return first.mix(second, surface(u, v));
        }

        private double surface(double u, double v) {
            return switch (kind) {
                case 0 -> DrawnFigure.hills(seed, u, v);
                case 1 -> 0.6 * DrawnFigure.hills(seed, u, v) + 0.4 * DrawnFigure.hills(seed + 7919, 4 * u, 4 * v);
                case 2 ->
                    2 * Math.abs(DrawnFigure.fraction(0.4 * u + 0.6 * DrawnFigure.hills(seed, 0.5 * u, 0.5 * v)) - 0.5);
                default -> DrawnFigure.hills(seed, u, v) < 0.5 ? 0.15 : 0.85;
            };
        }
    }

    /**
     * A figure somewhere in an image.
     *
     * @param cosine of its turn, with its {@code sine}, both divided by its radius in pixels
     */
    private record PlacedFigure(
            DrawnFigure figure,
            double x,
            double y,
            double cosine,
            double sine,
            boolean mirrored,
            Colour first,
            Colour second) {

        static PlacedFigure draw(
                DrawnFigure figure, double radius, int size, CounterRandom draws, Colour first, Colour second) {
            double angle = draws.uniform(0, 2 * Math.PI);
            double margin = 0.75 * radius;
            return new PlacedFigure(
                    figure,
                    draws.uniform(margin, size - margin),
                    draws.uniform(margin, size - margin),
                    StrictMath.cos(angle) / radius,
                    StrictMath.sin(angle) / radius,
                    draws.below(2) == 1,
                    first,
                    second);
        }

        boolean contains(double px, double py) {
            double u = u(px, py);
            double v = v(px, py);
            return u * u + v * v < 2 && figure.outline().contains(u, v);
        }

        Colour at(double px, double py) {
            return first.mix(second, figure.pattern().applyAsDouble(u(px, py), v(px, py)));
        }

        private double u(double px, double py) {
            double u = cosine * (px - x) + sine * (py - y);
            return mirrored ? -u : u;
        }

        private double v(double px, double py) {
            return cosine * (py - y) - sine * (px - x);
        }
    }

    /** A colour, each part from 0 to 255. */
    private record Colour(double red, double green, double blue) {

        /** A colour near another: each part at most so far away. */
        Colour near(CounterRandom draws, double distance) {
            return new Colour(
                    red + draws.uniform(-distance, distance),
                    green + draws.uniform(-distance, distance),
                    blue + draws.uniform(-distance, distance));
        }

        Colour mix(Colour other, double part) {
            return new Colour(
                    red + (other.red - red) * part,
                    green + (other.green - green) * part,
                    blue + (other.blue - blue) * part);
        }
    }
}
