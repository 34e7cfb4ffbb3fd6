package org.capi.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.capi.eval.report.Charts.Curves;
import org.capi.eval.report.Charts.Ticks;
import org.capi.eval.report.Figures.Gallery;
import org.capi.eval.report.Figures.MarkedPictures;
import org.capi.eval.report.Section.Facts;
import org.capi.eval.report.Section.Shares;
import org.capi.eval.report.Section.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    @Test
    void theFileNeedsNothingBesideIt(@TempDir Path folder) throws IOException {
        var gallery = new Gallery("Pictures", "", List.of(Gallery.GalleryImage.of("dog", new byte[] {1, 2, 3})));
        new Report("A run", "It went well.", List.of(gallery)).write(folder.resolve("report.html"));
        String html = Files.readString(folder.resolve("report.html"));
        assertThat(html)
                .contains("src=\"data:image/png;base64,AQID\"", "<figcaption>dog</figcaption>", "<style>")
                .doesNotContain("http:", "https:", "url(", "<script", "<link");
        assertThat(folder).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void textsAreEscaped() {
        var facts = new Facts("<b>", List.of(new Facts.Fact("a & b", "\"x\" < 'y'")));
        String html = new Report("1 < 2", "<script>", List.of(facts)).html();
        assertThat(html)
                .contains(
                        "<title>1 &lt; 2</title>", "<h2>&lt;b&gt;</h2>", "a &amp; b", "&quot;x&quot; &lt; &#39;y&#39;")
                .doesNotContain("<script>", "<b>");
    }

    @Test
    void aCurveRunsFromTheLeftEdgeToTheRightAndDownwards() {
        var loss = new Curves.Series("loss", List.of(new Curves.Point(0, 10), new Curves.Point(100, 0)));
        assertThat(Curves.svg(loss)).contains("points=\"48.0,10.0 398.0,180.0 \"", ">100</text>", ">10</text>");
    }

    @Test
    void longSeriesAreThinnedToMeansAndNonNumbersAreLeftOut() {
        var points = LongStream.range(0, 3000)
                .mapToObj(step -> new Curves.Point(step, step == 5 ? Double.NaN : step % 2))
                .toList();
        List<Curves.Point> thinned = new Curves.Series("loss", points).thinned();
        assertThat(thinned).hasSizeLessThanOrEqualTo(300);
        assertThat(thinned).allSatisfy(p -> assertThat(p.value()).isBetween(0.4, 0.6));
    }

    @Test
    void aSeriesWithoutValuesSaysSo() {
        String page = new Curves("Losses", "", List.of(new Curves.Series("loss", List.of()))).html();
        assertThat(page).contains("no values");
    }

    @Test
    void ticksAreRoundNumbersAroundTheValues() {
        assertThat(Ticks.spanning(new double[] {0.03, 0.97}, 5).values())
                .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-9 ? 0 : 1)
                .containsExactly(0.0, 0.2, 0.4, 0.6, 0.8, 1.0);
        Ticks flat = Ticks.spanning(new double[] {7, 7}, 5);
        assertThat(flat.least()).isLessThan(7);
        assertThat(flat.most()).isGreaterThan(7);
        assertThat(Ticks.spanning(new double[] {0, 5000}, 5).label(2000)).isEqualTo("2000");
        assertThat(Ticks.spanning(new double[] {6.1, 6.9}, 5).label(6.4)).isEqualTo("6.4");
    }

    @Test
    void longNumbersAreLabelledWithAPowerOfTen() {
        Ticks bytes = Ticks.spanning(new double[] {0, 2_900_000_000.0}, 5);
        assertThat(bytes.label(2_000_000_000)).isEqualTo("2e9");
        assertThat(bytes.label(0)).isEqualTo("0");
        assertThat(Ticks.spanning(new double[] {1e-7, 9e-7}, 5).label(4e-7)).isEqualTo("4e-7");
        assertThat(Ticks.spanning(new double[] {0, 99_000}, 5).label(20_000)).isEqualTo("20000");
        for (double[] span : new double[][] {{0, 3e12}, {-4e-9, 4e-9}, {1.25e7, 1.26e7}, {0, 500_000}}) {
            Ticks ticks = Ticks.spanning(span, 5);
            assertThat(ticks.values())
                    .allSatisfy(value -> assertThat(ticks.label(value)).hasSizeLessThan(9));
        }
    }

    @Test
    void charactersThatAPageMustNotHaveAreEscaped() {
        assertThat(Html.escape("a\u001b[31m\u0000b\tc")).isEqualTo("a\\u001b[31m\\u0000b\tc");
    }

    @Test
    void aGallerySaysWhatItsColoursMean() {
        var keys = List.of(new MarkedPictures.Meaning("#ff0000", "1 <red>"));
        String page = new Gallery("Maps", "", keys, List.of()).html();
        assertThat(page)
                .contains("<ul class=\"keys\"><li><span style=\"background:#ff0000\"></span>1 &lt;red&gt;</li></ul>");
    }

    @Test
    void sharesAreBarsWithTheirPercentage() {
        var share = new Shares.Share("exported model", 0.4567, Shares.Rank.SUBJECT);
        String page = new Shares("k-NN", "", List.of(share)).html();
        assertThat(page).contains("width:45.7%", "45.7 %", "share subject");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Shares.Share("x", 1.5, Shares.Rank.REFERENCE))
                .withMessage("the share 'x' must lie between 0 and 1, was 1.5");
    }

    @Test
    void wordsAreReadFromTheLeftAndNumbersComparedAtTheRight() {
        String page = new Table("Models", "", List.of("model", "top-1", "why"), List.of(List.of("ours", "-1.5 %", "")))
                .html();
        assertThat(page).contains("<td class=\"words\">ours</td><td>-1.5 %</td><td></td>", "<th>top-1</th>");
    }

    @Test
    void aRowOfTheWrongLengthIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Table("Models", "", List.of("model", "top-1"), List.of(List.of("ours"))))
                .withMessage("a row of the table 'Models' has 1 cells, not 2");
    }
}
