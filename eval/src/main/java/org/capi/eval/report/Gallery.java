package org.capi.eval.report;

import java.util.List;

/**
 * Pictures with captions.
 *
 * @param note a sentence above the pictures, or an empty text
 * @param keys what the colours mean
 */
public record Gallery(String heading, String note, List<MarkedPictures.Meaning> keys, List<Plate> plates)
        implements Section {

    public Gallery {
        keys = List.copyOf(keys);
        plates = List.copyOf(plates);
    }

    /** Pictures whose colours need no explanation. */
    public Gallery(String heading, String note, List<Plate> plates) {
        this(heading, note, List.of(), plates);
    }

    /**
     * One picture.
     *
     * @param caption below it
     */
    public record Plate(String caption, InlinePicture picture) {

        /** Takes the bytes of a PNG file. */
        public static Plate of(String caption, byte[] png) {
            return new Plate(caption, InlinePicture.png(png));
        }
    }

    @Override
    public void appendTo(StringBuilder page) {
        Html.note(page, note);
        if (!keys.isEmpty()) {
            MarkedPictures.append(page, keys);
        }
        page.append("<div class=\"gallery\">\n");
        for (Plate plate : plates) {
            String caption = Html.escape(plate.caption);
            page.append("<figure><img alt=\"").append(caption).append("\" src=\"");
            page.append(plate.picture.uri()).append("\">");
            page.append("<figcaption>").append(caption).append("</figcaption></figure>\n");
        }
        page.append("</div>\n");
    }
}
