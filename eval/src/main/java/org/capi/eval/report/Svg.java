package org.capi.eval.report;

/** The pieces that drawings of several kinds are made of. */
final class Svg {

    private Svg() {}

    /** A level line of the grid. */
    static void grid(StringBuilder svg, double left, double right, double y) {
        svg.append("<line class=\"grid\" x1=\"").append(left).append("\" x2=\"").append(right);
        svg.append("\" y1=\"")
                .append(Html.number(y))
                .append("\" y2=\"")
                .append(Html.number(y))
                .append("\"/>");
    }

    /** A text that starts, has its middle or ends at a place, as {@code anchor} says; nothing for an empty one. */
    static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        if (!text.isEmpty()) {
            svg.append("<text x=\"").append(Html.number(x)).append("\" y=\"").append(Html.number(y));
            svg.append("\" text-anchor=\"")
                    .append(anchor)
                    .append("\">")
                    .append(Html.escape(text))
                    .append("</text>");
        }
    }
}
