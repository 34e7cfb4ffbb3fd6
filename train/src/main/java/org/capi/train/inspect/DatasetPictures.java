package org.capi.train.inspect;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.batch.BatchSettings;
import org.capi.data.batch.Images;
import org.capi.data.batch.Samples;
import org.capi.data.batch.Samples.Sample;
import org.capi.data.image.CropBox;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;
import org.capi.data.image.Png;
import org.capi.eval.pictures.Palette;
import org.capi.eval.report.Figures.ContactSheet;
import org.capi.eval.report.Figures.ContactSheet.Strip;
import org.capi.eval.report.Figures.ContactSheet.Thumbnail;
import org.capi.eval.report.Figures.InlinePicture;
import org.capi.eval.report.Figures.MarkedPictures;
import org.capi.eval.report.Figures.MarkedPictures.Kind;
import org.capi.eval.report.Figures.MarkedPictures.Mark;
import org.capi.eval.report.Figures.MarkedPictures.Meaning;
import org.capi.eval.report.Figures.MarkedPictures.Panel;
import org.capi.eval.report.Figures.MarkedPictures.Shown;

/** The sections of a page that show images of a split: its classes, its label maps, and what training sees. */
record DatasetPictures(ImageDataset dataset, ImageKernels kernels) {

    private static final int THUMBNAIL_SIDE = 96;
    private static final int MAX_CLASSES = 100;
    private static final int FEW_CLASSES = 50;
    private static final int PER_CLASS = 8;
    private static final int PER_CLASS_OF_MANY = 4;
    private static final int WITHOUT_CLASSES = 40;

    private static final int LABEL_MAP_SIDE = 240;
    private static final int LABEL_MAPS = 6;

    private static final int SAMPLES = 16;
    private static final int ORIGINAL_SIDE = 280;

    /** A few images of each class, spread evenly over the dataset. */
    ContactSheet classes(DatasetStatistics statistics, String heading) {
        long largest = statistics.perClass().values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(1);
        List<Strip> strips = new ArrayList<>();
        chosen(statistics).forEach((label, rows) -> {
            long images = statistics.images(label);
            String detail = String.format(
                    Locale.ROOT,
                    "%,d %s, %.1f %%",
                    images,
                    images == 1 ? "image" : "images",
                    100.0 * images / dataset.size());
            strips.add(new Strip(
                    label == ImageRecord.UNLABELLED
                            ? "without a class"
                            : dataset.classes().get(label),
                    detail,
                    (double) images / largest,
                    rows.stream().map(this::thumbnail).toList()));
        });
        int classes = dataset.classes().size();
        String cut = classes > MAX_CLASSES ? "The first " + MAX_CLASSES + " of " + classes + " classes" : "Each class";
        String note = classes == 0
                ? "The images have no classes. These examples are spread evenly over the dataset."
                : cut
                        + " with its number of images and some examples, spread evenly over the dataset. The bars are"
                        + " relative to the largest class.";
        return new ContactSheet(heading, note, strips);
    }

    /** The rows to show of each class, by label; those without a class come last. */
    private Map<Integer, List<Long>> chosen(DatasetStatistics statistics) {
        int classes = Math.min(MAX_CLASSES, dataset.classes().size());
        Map<Integer, List<Long>> chosen = new LinkedHashMap<>();
        for (int label = 0; label < classes; label++) {
            chosen.put(label, new ArrayList<>());
        }
        if (statistics.images(ImageRecord.UNLABELLED) > 0) {
            chosen.put(ImageRecord.UNLABELLED, new ArrayList<>());
        }
        int most = classes == 0 ? WITHOUT_CLASSES : classes > FEW_CLASSES ? PER_CLASS_OF_MANY : PER_CLASS;
        Map<Integer, Long> seen = new HashMap<>();
        for (long row = 0; row < dataset.size(); row++) {
            int label = dataset.facts(row).label();
            List<Long> rows = chosen.get(label);
            if (rows != null) {
                long images = statistics.images(label);
                long before = seen.merge(label, 1L, Long::sum) - 1;
                long wanted = Math.min(most, images);
                if (rows.size() < wanted && before == (2L * rows.size() + 1) * images / (2 * wanted)) {
                    rows.add(row);
                }
            }
        }
        return chosen;
    }

    private Thumbnail thumbnail(long row) {
        try {
            ImageRecord image = dataset.get(row);
            ImageHeader header = image.header();
            String caption = image.name() + ", " + header.width() + " x " + header.height();
            return new Thumbnail(caption, jpeg(shrunk(image, header, THUMBNAIL_SIDE)));
        } catch (IOException e) {
            return new Thumbnail("row " + row + ": " + e.getMessage(), null);
        }
    }

    /** Some images next to the colours of their label maps. */
    MarkedPictures labelMaps(String heading) throws IOException {
        List<Shown> entries = new ArrayList<>();
        SortedSet<Integer> values = new TreeSet<>();
        long part = Math.max(1, dataset.info().labelMaps() / LABEL_MAPS);
        long maps = 0;
        for (long row = 0; row < dataset.size() && entries.size() < LABEL_MAPS; row++) {
            // One place further into each part, so that a dataset in which classes take turns shows several.
            if (dataset.facts(row).hasLabelMap() && maps++ == entries.size() * part + entries.size() % part) {
                entries.add(labelMap(dataset.get(row), values));
            }
        }
        // Where images have no class of their own, the classes are those of the pixels.
        List<String> names = dataset.info().labelled() == 0 ? dataset.classes() : List.of();
        List<Meaning> meanings = values.stream()
                .map(value -> new Meaning(
                        Palette.css(value), value < names.size() ? value + " " + names.get(value) : "" + value))
                .toList();
        String note = "Some images, and the same images coloured by the classes of their pixels. Class 0 is grey, 255"
                + " is white.";
        return new MarkedPictures(heading, note, meanings, entries);
    }

    private Shown labelMap(ImageRecord image, SortedSet<Integer> values) throws IOException {
        ByteBuffer file = image.labelMap();
        if (file == null) {
            throw new IllegalStateException(image.name() + " has no label map");
        }
        Pixels map = kernels.decodeLabelMap(file);
        Set<Integer> here = new HashSet<>();
        for (byte value : map.toArray()) {
            here.add(Byte.toUnsignedInt(value));
        }
        values.addAll(here);
        Pixels shown = shrunk(image, image.header(), LABEL_MAP_SIDE);
        int width = shown.width();
        int height = shown.height();
        return new Shown(
                image.name(),
                image.width() + " x " + image.height() + ", pixels of " + here.size()
                        + (here.size() == 1 ? " value" : " values"),
                List.of(
                        new Panel("image", jpeg(shown), width, height, List.of()),
                        new Panel("label map", jpeg(painted(shown, map)), width, height, List.of())));
    }

    /** An image under the colours of its label map, which is brought to its size. */
    private static Pixels painted(Pixels image, Pixels labelMap) {
        Pixels map = labelMap.nearest(image.height(), image.width());
        byte[] painted = image.toArray();
        for (int pixel = 0; pixel < painted.length / 3; pixel++) {
            int colour = Palette.of(Byte.toUnsignedInt(map.bytes().get(pixel)));
            for (int channel = 0; channel < 3; channel++) {
                int paint = (colour >> (8 * (2 - channel))) & 0xff;
                int before = Byte.toUnsignedInt(painted[3 * pixel + channel]);
                painted[3 * pixel + channel] = (byte) ((2 * paint + before) / 3);
            }
        }
        return new Pixels(ByteBuffer.wrap(painted), image.height(), image.width(), 3);
    }

    /** The first samples of a pretraining on the dataset: where they are cut out, and what is hidden of them. */
    MarkedPictures training(BatchSettings settings, String heading) throws IOException {
        var samples = new Samples(Images.of(dataset), settings, kernels);
        List<Shown> entries = new ArrayList<>();
        for (int position = 0; position < SAMPLES; position++) {
            entries.add(sample(position, samples.at(position), settings));
        }
        var counts = settings.counts();
        String note = "The first " + SAMPLES + " training samples with seed " + settings.seed() + ": crops of "
                + settings.width() + " x " + settings.height() + " pixels, " + settings.columns() + " x "
                + settings.rows()
                + " patches. The student sees " + counts.visible() + " of them and predicts the clusters of "
                + counts.predicted() + " of the " + counts.masked() + " hidden ones.";
        return new MarkedPictures(
                heading,
                note,
                List.of(
                        new Meaning("#ff5a36", "the crop"),
                        new Meaning("#59636f", "hidden from the student"),
                        new Meaning("#f2b134", "hidden and predicted")),
                entries);
    }

    private Shown sample(int number, Sample sample, BatchSettings settings) throws IOException {
        ImageRecord image = sample.image();
        ImageHeader header = sample.header();
        CropBox box = sample.box();
        String className =
                image.label() == ImageRecord.UNLABELLED ? "" : dataset.classes().get(image.label()) + ", ";
        var frame = new Mark(box.left(), box.top(), box.width(), box.height(), Kind.FRAMED);
        InlinePicture original = jpeg(shrunk(image, header, ORIGINAL_SIDE));
        InlinePicture crop = InlinePicture.png(Png.encode(sample.crop()));
        int width = settings.width();
        int height = settings.height();
        return new Shown(
                number + ": " + image.name(),
                className + header.width() + " x " + header.height() + ", crop " + box.width() + " x " + box.height()
                        + " at " + box.left() + ", " + box.top() + (sample.flipped() ? ", flipped" : ""),
                List.of(
                        new Panel("original", original, header.width(), header.height(), List.of(frame)),
                        new Panel(sample.flipped() ? "crop, flipped" : "crop", crop, width, height, List.of()),
                        new Panel("what the student sees", crop, width, height, hiddenPatches(sample, settings))));
    }

    private static List<Mark> hiddenPatches(Sample sample, BatchSettings settings) {
        Set<Long> visible = new HashSet<>(sample.visible());
        Set<Long> predicted = new HashSet<>(sample.predicted());
        int side = settings.patchSize();
        List<Mark> marks = new ArrayList<>();
        for (int patch = 0; patch < settings.counts().tokens(); patch++) {
            if (!visible.contains((long) patch)) {
                int left = patch % settings.columns() * side;
                int top = patch / settings.columns() * side;
                Kind kind = predicted.contains((long) patch) ? Kind.CHOSEN : Kind.HIDDEN;
                marks.add(new Mark(left, top, side, side, kind));
            }
        }
        return marks;
    }

    /** All of an image, its longer side shrunk to a length. */
    private Pixels shrunk(ImageRecord image, ImageHeader header, int side) throws IOException {
        double scale = Math.min(1, (double) side / Math.max(header.height(), header.width()));
        return kernels.crop(
                image.encoded(),
                header,
                CropBox.whole(header.height(), header.width()),
                (int) Math.max(1, Math.round(header.height() * scale)),
                (int) Math.max(1, Math.round(header.width() * scale)));
    }

    private static InlinePicture jpeg(Pixels pixels) throws IOException {
        var image = new BufferedImage(pixels.width(), pixels.height(), BufferedImage.TYPE_INT_RGB);
        for (int row = 0; row < pixels.height(); row++) {
            for (int column = 0; column < pixels.width(); column++) {
                int colour = (pixels.at(row, column, 0) << 16)
                        | (pixels.at(row, column, 1) << 8)
                        | pixels.at(row, column, 2);
                image.setRGB(column, row, colour);
            }
        }
        var bytes = new ByteArrayOutputStream();
        try (var stream = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(image, "jpeg", stream);
        }
        return InlinePicture.jpeg(bytes.toByteArray());
    }
}
