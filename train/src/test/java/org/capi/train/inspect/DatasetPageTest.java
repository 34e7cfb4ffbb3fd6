package org.capi.train.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageDatasetWriter;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.batch.Batch;
import org.capi.data.batch.BatchStream;
import org.capi.data.image.Pixels;
import org.capi.data.image.Png;
import org.capi.train.TinyRun;
import org.capi.train.config.PretrainConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetPageTest {

    private static final PretrainConfig CONFIG = TinyRun.config(2, "optim.batch_size=16", "seed=4");

    @TempDir
    static Path folder;

    private static String page = "";

    @BeforeAll
    static void writePage() throws IOException {
        page = page(TinyRun.images(folder.resolve("set")), CONFIG);
    }

    @Test
    void everyClassOfEverySplitIsShownWithItsNumberOfImages() {
        try (ImageDataset train = ImageDataset.open(folder.resolve("set"))) {
            assertThat(train.classes())
                    .hasSize(10)
                    .allSatisfy(name -> assertThat(
                                    page.split("<span class=\"name\">" + name + "</span><span class=\"detail\">", -1))
                            .hasSize(3)
                            .satisfies(parts -> assertThat(parts[1]).startsWith("2 images, 10.0 %"))
                            .satisfies(parts -> assertThat(parts[2]).startsWith("1 image, 10.0 %")));
        }
        assertThat(page).contains("<h2>train: facts</h2>", "<h2>val: classes</h2>", "<h2>train: label maps</h2>");
        assertThat(page).containsOnlyOnce("what training uses");
    }

    @Test
    void thePageNeedsNothingBesideIt() {
        assertThat(page).startsWith("<!DOCTYPE html>").endsWith("</html>\n");
        assertThat(page).doesNotContain("http:", "https:", "url(", "<script", "<link");
        assertThat(page).doesNotContain("src=\"/", "href=\"/", "href=\"#");
    }

    @Test
    void sixteenSamplesAreShownAndTheirCropsAreThoseOfTheStream() throws IOException {
        List<byte[]> crops = crops(page);
        assertThat(crops).hasSize(32); // each without and with its mask
        try (ImageDataset train = ImageDataset.open(folder.resolve("set"));
                BatchStream stream = BatchStream.open(train, CONFIG.batches(), 0);
                Batch batch = stream.next()) {
            byte[] all = new byte[(int) batch.images().numBytes()];
            batch.images().asRawTensor().data().read(all);
            int size = all.length / 16;
            for (int sample = 0; sample < 16; sample++) {
                byte[] fed = Arrays.copyOfRange(all, sample * size, (sample + 1) * size);
                assertThat(crops.get(2 * sample)).isEqualTo(fed);
                assertThat(crops.get(2 * sample + 1)).isEqualTo(fed);
            }
        }
    }

    @Test
    void hiddenAndPredictedPatchesAreMarkedAsManyAsTheConfigurationSays() {
        int patches = CONFIG.patches();
        int masked = CONFIG.data().masked(patches);
        int predicted = CONFIG.data().predicted(patches);
        assertThat(marks("hidden")).hasSize(16).containsOnly(masked - predicted);
        assertThat(marks("chosen")).hasSize(16).containsOnly(predicted);
        assertThat(marks("frame")).hasSize(16).containsOnly(1);
    }

    @Test
    void oneSeedGivesOnePageAndAnotherAnother() throws IOException {
        Path set = folder.resolve("set");
        assertThat(page(set, CONFIG)).isEqualTo(page);
        assertThat(crops(page(set, TinyRun.config(2, "seed=5"))).get(0))
                .isNotEqualTo(crops(page).get(0));
    }

    @Test
    void whatWasLeftOutIsNamedWithItsReasons() throws IOException {
        Path set = folder.resolve("skipped");
        write(set, List.of(), 3);
        assertThat(page(set, CONFIG))
                .contains("<td class=\"words\">the file is empty</td><td>150</td>")
                .contains("<td class=\"words\">cannot be decoded</td><td>1</td>")
                .contains("<td class=\"words\">first &lt;b&gt;.jpg</td><td class=\"words\">the file is empty</td>")
                .contains("The first 1 of 151.");
        StringBuilder list = new StringBuilder();
        for (int i = 0; i < 151; i++) {
            list.append("name-").append(i).append(".jpg\tthe file is empty\n");
        }
        Files.writeString(set.resolve("skipped.tsv"), list);
        assertThat(page(set, CONFIG))
                .contains("<td class=\"words\">name-99.jpg</td><td class=\"words\">the file is empty</td>")
                .contains("The first 100 of 151; all are in")
                .doesNotContain("name-100.jpg");
    }

    @Test
    void imagesWithoutClassesAreShownTogetherAndAnUnreadableOneIsSaidToBeSo() throws IOException {
        Path set = folder.resolve("plain");
        write(set, List.of(), 3);
        assertThat(page(set, CONFIG))
                .contains("<h2>Images</h2>", "without a class", "3 images, 100.0 %")
                .contains("title=\"row 2: ", ">unreadable</span>");
    }

    @Test
    void moreThanAHundredClassesAreCutAndThatIsSaid() throws IOException {
        Path set = folder.resolve("many");
        List<String> classes = new ArrayList<>();
        for (int i = 0; i < 130; i++) {
            classes.add("class-" + i);
        }
        write(set, classes, 260);
        assertThat(page(set, CONFIG))
                .contains("The first 100 of 130 classes", ">class-99</span>", "Classes by number of images")
                .doesNotContain(">class-100</span>");
    }

    @Test
    void aFolderIsNoPlaceForAPageAndAMissingDatasetLeavesNone() {
        assertThatThrownBy(() -> new DatasetPage(folder + "/set", CONFIG).write(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--html names a file, " + folder + " is a folder");
        Path file = folder.resolve("none.html");
        assertThatThrownBy(() -> new DatasetPage(folder + "/nowhere", CONFIG).write(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nowhere");
        assertThat(file).doesNotExist();
    }

    private static String page(Path set, PretrainConfig config) throws IOException {
        Path file = folder.resolve("pages/page.html");
        new DatasetPage(set.toString(), config).write(file);
        assertThat(file.getParent()).isDirectoryNotContaining("glob:**.partial");
        return Files.readString(file); // refuses what is not UTF-8
    }

    /** The pixels of every PNG in the page. */
    private static List<byte[]> crops(String html) throws IOException {
        List<byte[]> crops = new ArrayList<>();
        var pictures = Pattern.compile("data:image/png;base64,([^\"]+)").matcher(html);
        while (pictures.find()) {
            var image =
                    ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(pictures.group(1))));
            byte[] pixels = new byte[image.getHeight() * image.getWidth() * 3];
            int[] values = image.getRaster().getPixels(0, 0, image.getWidth(), image.getHeight(), (int[]) null);
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) values[i];
            }
            crops.add(pixels);
        }
        return crops;
    }

    /** How many rectangles each picture has of a kind. */
    private static List<Integer> marks(String kind) {
        List<Integer> marks = new ArrayList<>();
        var paths =
                Pattern.compile("class=\"mark " + kind + "\" d=\"([^\"]+)\"").matcher(page);
        while (paths.find()) {
            marks.add((int) paths.group(1).chars().filter(c -> c == 'M').count());
        }
        return marks;
    }

    /** White images whose labels take turns; of images without classes the last is cut off. */
    private static void write(Path set, List<String> classes, int images) throws IOException {
        try (var writer = ImageDatasetWriter.create(set)) {
            for (int i = 0; i < images; i++) {
                byte[] file = white(40, 56);
                boolean broken = classes.isEmpty() && i == images - 1;
                int label = classes.isEmpty() ? ImageRecord.UNLABELLED : i % classes.size();
                ByteBuffer encoded = ByteBuffer.wrap(file, 0, broken ? file.length / 2 : file.length);
                writer.add(new ImageRecord(i + ".png", encoded.slice(), label, null, 56, 40));
            }
            var skipped = new DatasetInfo.Skipped(
                    151,
                    Map.of("the file is empty", 150L, "cannot be decoded", 1L),
                    List.of("first <b>.jpg: the file is empty"));
            writer.finish("test", classes, classes.isEmpty() ? skipped : DatasetInfo.Skipped.NONE);
        }
    }

    private static byte[] white(int height, int width) {
        byte[] pixels = new byte[height * width * 3];
        Arrays.fill(pixels, (byte) 255);
        return Png.encode(new Pixels(ByteBuffer.wrap(pixels), height, width, 3));
    }
}
