package org.capi.eval.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line of small pictures for each of several groups, with a bar that says how large the group is.
 *
 * @param note a sentence above the lines, or an empty text
 */
public record ContactSheet(String heading, String note, List<Strip> strips) implements Section {

    public ContactSheet {
        strips = List.copyOf(strips);
    }

    /**
     * A group.
     *
     * @param detail what is said of it below its name
     * @param fraction the length of its bar, from 0 to 1
     */
    public record Strip(String name, String detail, double fraction, List<Thumbnail> thumbnails) {

        public Strip {
            if (!(fraction >= 0 && fraction <= 1)) {
                throw new IllegalArgumentException(
                        "the bar of '" + name + "' must be between 0 and 1 long, was " + fraction);
            }
            thumbnails = List.copyOf(thumbnails);
        }
    }

    /**
     * A small picture.
     *
     * @param caption shown when the pointer rests on it
     * @param picture or null for one that could not be read
     */
    public record Thumbnail(String caption, @Nullable InlinePicture picture) {}

    @Override
    public void appendTo(StringBuilder page) {
        Html.note(page, note);
        page.append("<div class=\"sheet\">\n");
        for (Strip strip : strips) {
            page.append("<div class=\"strip\"><div class=\"group\"><span class=\"name\">");
            page.append(Html.escape(strip.name)).append("</span><span class=\"detail\">");
            page.append(Html.escape(strip.detail)).append("</span><span class=\"track\"><span class=\"bar\" style=\"");
            page.append("width:").append(Html.number(100 * strip.fraction)).append("%\"></span></span></div>\n");
            page.append("<div class=\"thumbnails\">");
            strip.thumbnails.forEach(thumbnail -> append(page, thumbnail));
            page.append("</div></div>\n");
        }
        page.append("</div>\n");
    }

    private static void append(StringBuilder page, Thumbnail thumbnail) {
        String caption = Html.escape(thumbnail.caption);
        if (thumbnail.picture == null) {
            page.append("<span class=\"unreadable\" title=\"").append(caption).append("\">unreadable</span>\n");
            return;
        }
        page.append("<img alt=\"")
                .append(caption)
                .append("\" title=\"")
                .append(caption)
                .append("\" src=\"");
        page.append(thumbnail.picture.uri()).append("\">\n");
    }
}
