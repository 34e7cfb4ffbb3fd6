package org.capi.eval.report;

import java.util.List;

/** What a reader wants to know first: names and values. */
public record Facts(String heading, List<Fact> facts) implements Section {

    public Facts {
        facts = List.copyOf(facts);
    }

    /** One of them, such as {@code images} and {@code 2,000}. */
    public record Fact(String name, String value) {}

    @Override
    public void appendTo(StringBuilder page) {
        page.append("<dl>\n");
        for (Fact fact : facts) {
            page.append("<div><dt>").append(Html.escape(fact.name));
            page.append("</dt><dd>").append(Html.escape(fact.value)).append("</dd></div>\n");
        }
        page.append("</dl>\n");
    }
}
