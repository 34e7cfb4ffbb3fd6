package org.capi.eval.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.eval.report.Gallery;
import org.capi.eval.report.MarkedPictures.Meaning;

/** Sheets of pictures as sections of a report, each as wide as the page. */
final class Plates {

    private Plates() {}

    /** The picture in a PNG file. */
    static Gallery of(String heading, String note, Path png) throws IOException {
        return of(heading, note, png, List.of());
    }

    /** The same with what its colours mean. */
    static Gallery of(String heading, String note, Path png, List<Meaning> keys) throws IOException {
        return new Gallery(
                heading,
                note,
                keys,
                List.of(Gallery.Plate.of(String.valueOf(png.getFileName()), Files.readAllBytes(png))));
    }
}
