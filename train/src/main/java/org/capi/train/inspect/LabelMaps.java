package org.capi.train.inspect;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;
import org.capi.eval.pictures.LabelColours;
import org.capi.eval.report.MarkedPictures;
import org.capi.eval.report.MarkedPictures.Meaning;
import org.capi.eval.report.MarkedPictures.Panel;
import org.capi.eval.report.MarkedPictures.Shown;

/** Some images beside the colours of their label maps. */
record LabelMaps(ImageDataset dataset, ImageKernels kernels) {

    private static final int SIDE = 240;
    private static final int IMAGES = 6;

    MarkedPictures pictures(String heading) throws IOException {
        List<Shown> entries = new ArrayList<>();
        SortedSet<Integer> values = new TreeSet<>();
        long part = Math.max(1, dataset.info().labelMaps() / IMAGES);
        long maps = 0;
        for (long row = 0; row < dataset.size() && entries.size() < IMAGES; row++) {
            // One place further into each part, so that a dataset in which classes take turns shows several.
            if (dataset.facts(row).hasLabelMap() && maps++ == entries.size() * part + entries.size() % part) {
                entries.add(entry(dataset.get(row), values));
            }
        }
        String note = "Some images, and the classes of their pixels over them. 0 and 255 are grey and white.";
        return new MarkedPictures(
                heading,
                note,
                values.stream()
                        .map(value -> new Meaning(LabelColours.css(value), name(value)))
                        .toList(),
                entries);
    }

    private Shown entry(ImageRecord image, SortedSet<Integer> values) throws IOException {
        ByteBuffer file = image.labelMap();
        if (file == null) {
            throw new IllegalStateException(image.name() + " has no label map");
        }
        Pixels map = kernels.decodeLabelMap(file);
        SortedSet<Integer> here = new TreeSet<>();
        for (int i = 0; i < map.bytes().limit(); i++) {
            here.add(Byte.toUnsignedInt(map.bytes().get(i)));
        }
        values.addAll(here);
        Pixels shown = Pictures.shrunk(kernels, image, image.header(), SIDE);
        return new Shown(
                image.name(),
                image.width() + " x " + image.height() + ", pixels of " + here.size()
                        + (here.size() == 1 ? " value" : " values"),
                List.of(
                        new Panel("image", Pictures.jpeg(shown), shown.width(), shown.height(), List.of()),
                        new Panel(
                                "label map",
                                Pictures.jpeg(Pictures.painted(shown, map)),
                                shown.width(),
                                shown.height(),
                                List.of())));
    }

    /** Where images have no class of their own, the classes are those of the pixels. */
    private String name(int value) {
        boolean named =
                dataset.info().labelled() == 0 && value < dataset.classes().size();
        return named ? value + " " + dataset.classes().get(value) : String.valueOf(value);
    }
}
