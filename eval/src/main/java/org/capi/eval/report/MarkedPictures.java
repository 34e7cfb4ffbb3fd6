package org.capi.eval.report;

import java.util.List;

/**
 * Pictures with places marked on them, a few beside each other for each thing that is shown.
 *
 * @param note a sentence above them, or an empty text
 * @param keys what the colours mean
 */
public record MarkedPictures(String heading, String note, List<Meaning> keys, List<Shown> entries) implements Section {

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

    /** One thing in several pictures. */
    public record Shown(String title, String detail, List<Panel> panels) {

        public Shown {
            panels = List.copyOf(panels);
        }
    }

    /**
     * A picture and its marks, which are placed in units of its width and height.
     *
     * @param caption below it
     */
    public record Panel(String caption, InlinePicture picture, int width, int height, List<Mark> marks) {

        public Panel {
            marks = List.copyOf(marks);
        }
    }

    /** A marked rectangle. */
    public record Mark(int left, int top, int width, int height, Kind kind) {}

    /** How a rectangle is marked. */
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
    public void appendTo(StringBuilder page) {
        Html.note(page, note);
        append(page, keys);
        page.append("<div class=\"marked\">\n");
        for (Shown entry : entries) {
            page.append("<div class=\"entry\"><div class=\"name\">").append(Html.escape(entry.title));
            page.append("</div><div class=\"detail\">").append(Html.escape(entry.detail));
            page.append("</div><div class=\"panels\">\n");
            entry.panels.forEach(panel -> append(page, panel));
            page.append("</div></div>\n");
        }
        page.append("</div>\n");
    }

    /** What colours mean, as a list. */
    static void append(StringBuilder page, List<Meaning> keys) {
        page.append("<ul class=\"keys\">");
        for (Meaning key : keys) {
            page.append("<li><span style=\"background:")
                    .append(Html.escape(key.colour))
                    .append("\"></span>");
            page.append(Html.escape(key.text)).append("</li>");
        }
        page.append("</ul>\n");
    }

    private static void append(StringBuilder page, Panel panel) {
        page.append("<figure><svg viewBox=\"0 0 ")
                .append(panel.width)
                .append(' ')
                .append(panel.height);
        page.append("\" role=\"img\" aria-label=\"")
                .append(Html.escape(panel.caption))
                .append("\"><image width=\"");
        page.append(panel.width).append("\" height=\"").append(panel.height).append("\" preserveAspectRatio=\"none\"");
        page.append(" href=\"").append(panel.picture.uri()).append("\"/>");
        for (Kind kind : Kind.values()) {
            append(page, panel.marks.stream().filter(mark -> mark.kind == kind).toList(), kind);
        }
        page.append("</svg><figcaption>").append(Html.escape(panel.caption)).append("</figcaption></figure>\n");
    }

    /** All marks of a kind as one path. */
    private static void append(StringBuilder page, List<Mark> marks, Kind kind) {
        if (marks.isEmpty()) {
            return;
        }
        page.append("<path class=\"mark ").append(kind.style).append("\" d=\"");
        for (Mark mark : marks) {
            page.append('M')
                    .append(mark.left)
                    .append(' ')
                    .append(mark.top)
                    .append('h')
                    .append(mark.width);
            page.append('v').append(mark.height).append('h').append(-mark.width).append('z');
        }
        page.append("\"/>");
    }
}
