package org.capi.eval.report;

import static org.capi.eval.report.Html.each;
import static org.capi.eval.report.Html.escape;
import static org.capi.eval.report.Html.sentence;

import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sections of pictures. */
public final class Figures {

    private Figures() {}

    /**
     * A picture that is part of the page.
     *
     * @param uri its file as a {@code data:} address
     */
    public record InlinePicture(String uri) {

        public static InlinePicture png(byte[] file) {
            return new InlinePicture(
                    "data:image/png;base64," + Base64.getEncoder().encodeToString(file));
        }

        public static InlinePicture jpeg(byte[] file) {
            return new InlinePicture(
                    "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(file));
        }
    }

    /**
     * Pictures with captions.
     *
     * @param note a sentence above the pictures, or an empty text
     * @param keys what the colours mean
     */
    public record Gallery(String heading, String note, List<MarkedPictures.Meaning> keys, List<GalleryImage> figures)
            implements Section {

        public Gallery {
            keys = List.copyOf(keys);
            figures = List.copyOf(figures);
        }

        /** Pictures whose colours need no explanation. */
        public Gallery(String heading, String note, List<GalleryImage> figures) {
            this(heading, note, List.of(), figures);
        }

        public record GalleryImage(String caption, InlinePicture picture) {

            public static GalleryImage of(String caption, byte[] png) {
                return new GalleryImage(caption, InlinePicture.png(png));
            }
        }

        @Override
        public String html() {
            return sentence(note) + (keys.isEmpty() ? "" : MarkedPictures.legend(keys)) + "<div class=\"gallery\">\n"
                    + each(
                            figures,
                            one -> "<figure><img alt=\"" + escape(one.caption) + "\" src=\"" + one.picture.uri()
                                    + "\"><figcaption>" + escape(one.caption) + "</figcaption></figure>\n")
                    + "</div>\n";
        }
    }

    /**
     * A line of small pictures for each of several groups, with a bar for the size of the group.
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
         * @param detail the text below its name
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
        public String html() {
            return sentence(note) + "<div class=\"sheet\">\n" + each(strips, ContactSheet::strip) + "</div>\n";
        }

        private static String strip(Strip strip) {
            return "<div class=\"strip\"><div class=\"group\"><span class=\"name\">" + escape(strip.name)
                    + "</span><span class=\"detail\">" + escape(strip.detail)
                    + "</span><span class=\"track\"><span class=\"bar\" style=\"width:"
                    + Html.number(100 * strip.fraction) + "%\"></span></span></div>\n<div class=\"thumbnails\">"
                    + each(strip.thumbnails, ContactSheet::thumbnail) + "</div></div>\n";
        }

        private static String thumbnail(Thumbnail thumbnail) {
            String caption = escape(thumbnail.caption);
            return thumbnail.picture == null
                    ? "<span class=\"unreadable\" title=\"" + caption + "\">unreadable</span>\n"
                    : "<img alt=\"" + caption + "\" title=\"" + caption + "\" src=\"" + thumbnail.picture.uri()
                            + "\">\n";
        }
    }

    /**
     * Queries, each with the pictures that were found for it, the right ones marked.
     *
     * @param note a sentence above them, or an empty text
     */
    public record Matches(String heading, String note, List<Query> queries) implements Section {

        public Matches {
            queries = List.copyOf(queries);
        }

        public record Query(String caption, InlinePicture picture, List<Found> found) {

            public Query {
                found = List.copyOf(found);
            }
        }

        public record Found(String caption, InlinePicture picture, boolean right) {}

        @Override
        public String html() {
            return sentence(note) + "<div class=\"matches\">\n"
                    + each(
                            queries,
                            query -> "<div class=\"match\">" + figure("query", query.caption, query.picture)
                                    + each(query.found, Matches::found) + "</div>\n")
                    + "</div>\n";
        }

        private static String found(Found found) {
            return figure(found.right ? "right" : "wrong", (found.right ? "✓ " : "✗ ") + found.caption, found.picture);
        }

        private static String figure(String kind, String caption, InlinePicture picture) {
            return "<figure class=\"" + kind + "\"><img alt=\"" + escape(caption) + "\" src=\"" + picture.uri()
                    + "\"><figcaption>" + escape(caption) + "</figcaption></figure>";
        }
    }

    /**
     * Pictures with marked rectangles, a few in a row for each entry.
     *
     * @param note a sentence above them, or an empty text
     * @param keys what the colours mean
     */
    public record MarkedPictures(String heading, String note, List<Meaning> keys, List<Shown> entries)
            implements Section {

        public MarkedPictures {
            keys = List.copyOf(keys);
            entries = List.copyOf(entries);
        }

        /**
         * What a colour means.
         *
         * @param colour as CSS has it, such as {@code #1f6fd1}
         */
        public record Meaning(String colour, String text) {}

        /** One entry: several pictures under a title. */
        public record Shown(String title, String detail, List<Panel> panels) {

            public Shown {
                panels = List.copyOf(panels);
            }
        }

        /**
         * A picture and its marks, in units of its width and height.
         *
         * @param caption below it
         */
        public record Panel(String caption, InlinePicture picture, int width, int height, List<Mark> marks) {

            public Panel {
                marks = List.copyOf(marks);
            }
        }

        public record Mark(int left, int top, int width, int height, Kind kind) {}

        public enum Kind {
            /** A line around it. */
            FRAMED("frame"),
            /** Covered by a veil. */
            HIDDEN("hidden"),
            /** A veil in another colour. */
            CHOSEN("chosen");

            private final String style;

            Kind(String style) {
                this.style = style;
            }
        }

        @Override
        public String html() {
            return sentence(note) + legend(keys) + "<div class=\"marked\">\n"
                    + each(
                            entries,
                            entry -> "<div class=\"entry\"><div class=\"name\">" + escape(entry.title)
                                    + "</div><div class=\"detail\">" + escape(entry.detail)
                                    + "</div><div class=\"panels\">\n" + each(entry.panels, MarkedPictures::panel)
                                    + "</div></div>\n")
                    + "</div>\n";
        }

        static String legend(List<Meaning> keys) {
            return "<ul class=\"keys\">"
                    + each(
                            keys,
                            key -> "<li><span style=\"background:" + escape(key.colour) + "\"></span>"
                                    + escape(key.text) + "</li>")
                    + "</ul>\n";
        }

        private static String panel(Panel panel) {
            return "<figure><svg viewBox=\"0 0 " + panel.width + " " + panel.height + "\" role=\"img\" aria-label=\""
                    + escape(panel.caption) + "\"><image width=\"" + panel.width + "\" height=\"" + panel.height
                    + "\" preserveAspectRatio=\"none\" href=\"" + panel.picture.uri() + "\"/>"
                    + each(List.of(Kind.values()), kind -> marks(panel, kind))
                    + "</svg><figcaption>" + escape(panel.caption) + "</figcaption></figure>\n";
        }

        /** All marks of a kind as one path. */
        private static String marks(Panel panel, Kind kind) {
            List<Mark> marks =
                    panel.marks.stream().filter(mark -> mark.kind == kind).toList();
            return marks.isEmpty()
                    ? ""
                    : "<path class=\"mark " + kind.style + "\" d=\""
                            + each(
                                    marks,
                                    mark -> "M" + mark.left + " " + mark.top + "h" + mark.width + "v" + mark.height
                                            + "h-" + mark.width + "z")
                            + "\"/>";
        }
    }
}
