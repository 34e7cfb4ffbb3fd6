package org.capi.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.capi.eval.report.Charts.Histograms;
import org.capi.eval.report.Charts.Histograms.Histogram;
import org.capi.eval.report.Figures.ContactSheet;
import org.capi.eval.report.Figures.ContactSheet.Strip;
import org.capi.eval.report.Figures.ContactSheet.Thumbnail;
import org.capi.eval.report.Figures.InlinePicture;
import org.capi.eval.report.Figures.MarkedPictures;
import org.capi.eval.report.Figures.MarkedPictures.Kind;
import org.capi.eval.report.Figures.MarkedPictures.Mark;
import org.capi.eval.report.Figures.MarkedPictures.Panel;
import org.capi.eval.report.Figures.MarkedPictures.Shown;
import org.junit.jupiter.api.Test;

class PictureSectionsTest {

    private static final InlinePicture PICTURE = InlinePicture.png(new byte[] {1, 2, 3});

    @Test
    void aContactSheetHasABarAndItsPicturesForEachGroup() {
        var strip = new Strip(
                "<cat>", "3 images", 0.25, List.of(new Thumbnail("a & b", PICTURE), new Thumbnail("row 2: cut", null)));
        assertThat(html(new ContactSheet("Classes", "", List.of(strip))))
                .contains("&lt;cat&gt;", "3 images", "width:25.0%")
                .contains("<img alt=\"a &amp; b\"", "src=\"data:image/png;base64,AQID\"")
                .contains("title=\"row 2: cut\">unreadable</span>");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Strip("cat", "", 1.5, List.of()))
                .withMessage("the bar of 'cat' must be between 0 and 1 long, was 1.5");
    }

    @Test
    void marksOfAKindAreOnePathOverThePicture() {
        var marks = List.of(
                new Mark(0, 0, 8, 8, Kind.HIDDEN),
                new Mark(8, 16, 8, 8, Kind.HIDDEN),
                new Mark(1, 2, 3, 4, Kind.FRAMED));
        var shown = new Shown("0", "", List.of(new Panel("crop", PICTURE, 32, 24, marks)));
        assertThat(html(new MarkedPictures("Training", "", List.of(), List.of(shown))))
                .contains("viewBox=\"0 0 32 24\"")
                .contains("class=\"mark hidden\" d=\"M0 0h8v8h-8zM8 16h8v8h-8z\"")
                .contains("class=\"mark frame\" d=\"M1 2h3v4h-3z\"")
                .doesNotContain("mark chosen");
    }

    @Test
    void barsAreAsHighAsTheirCounts() {
        var bars = new Histogram("Width", "pixels", List.of(1000L, 500L, 0L), List.of("100", "200", "400", "800"));
        assertThat(html(new Histograms("Sizes", "", List.of(bars))))
                .contains(">1,000</text>", ">800</text>", ">pixels</text>")
                .contains("height=\"130.0\"><title>1,000</title>")
                .contains("height=\"65.0\"><title>500</title>")
                .contains("height=\"0.0\"><title>0</title>");
    }

    @Test
    void aLabelThatWouldRunIntoTheOneBeforeItIsLeftOut() {
        List<String> labels =
                IntStream.range(0, 60).mapToObj(i -> "label" + (10 + i)).toList();
        String html = html(new Histograms(
                "Sizes", "", List.of(new Histogram("Width", "pixels", Collections.nCopies(60, 1L), labels))));
        assertThat(html)
                .contains(">label10</text>", ">label20</text>")
                .doesNotContain(">label11</text>", ">label19</text>");
        assertThat(html.split(">label", -1).length - 1).isBetween(4, 8);
    }

    @Test
    void aHistogramHasALabelForEachBarOrEachEdge() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Histogram("Width", "pixels", List.of(1L, 2L), List.of("1")))
                .withMessageContaining("'Width' has 2 bars and 1 labels");
    }

    private static String html(Section section) {
        return section.html();
    }
}
