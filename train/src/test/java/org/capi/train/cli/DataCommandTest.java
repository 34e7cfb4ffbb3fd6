package org.capi.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.capi.data.image.Pixels;
import org.capi.data.image.Png;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCommandTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console = new Console(stream(out), stream(err), false);

    @TempDir
    Path folder;

    @Test
    void aGeneratedSetIsInspected() throws IOException {
        Path set = folder.resolve("set");
        assertThat(run("data", "generate", "--to", set, "--train", 20, "--val", 10, "--size", 32))
                .isZero();
        assertThat(text(out))
                .isEqualTo(set + "/train: 20 images, 10 classes\n" + set + "/val: 10 images, 10 classes\n");
        out.reset();
        assertThat(run("data", "inspect", set, "--verify", "--json")).isZero();
        JsonNode splits = new ObjectMapper().readTree(text(out)).get("splits");
        assertThat(splits).hasSize(2);
        JsonNode train = splits.get(0);
        assertThat(train.get("split").asText()).isEqualTo("train");
        assertThat(train.get("summary").get("images").asInt()).isEqualTo(20);
        assertThat(train.get("summary").get("label_maps").asInt()).isEqualTo(20);
        assertThat(train.get("summary").get("max_width").asInt()).isEqualTo(32);
        assertThat(train.get("summary").get("classes").get(3).toString())
                .isEqualTo("{\"name\":\"shaded_star\",\"images\":2}");
        assertThat(train.get("damage")).isEmpty();
    }

    @Test
    void aSplitThatIsThereIsRefused() {
        Path set = folder.resolve("set");
        assertThat(run("data", "generate", "--to", set, "--train", 10, "--val", 0, "--size", 32))
                .isZero();
        err.reset();
        assertThat(run("data", "generate", "--to", set, "--train", 10)).isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: the split train exists already in " + set + "\n");
    }

    @Test
    void aFolderOfGeneratedImagesIsImportedAndItsDamageFound() throws IOException {
        Path photos = folder.resolve("photos/cat");
        Files.createDirectories(photos);
        for (int i = 0; i < 3; i++) {
            Files.write(photos.resolve(i + ".png"), Png.encode(pixels(i)));
        }
        Files.writeString(photos.resolve("broken.jpg"), "no image");
        Path set = folder.resolve("set");
        assertThat(run("data", "import", "--source", "imagefolder", "--from", photos.resolveSibling(""), "--to", set))
                .isEqualTo(1);
        assertThat(text(err)).contains("1 of 4 images cannot be read, more than --max-skipped 0.05 allows");
        assertThat(set).doesNotExist();
        assertThat(run(
                        "data",
                        "import",
                        "--source",
                        "imagefolder",
                        "--from",
                        photos.resolveSibling(""),
                        "--to",
                        set,
                        "--max-skipped",
                        0.3))
                .isZero();
        assertThat(text(out))
                .isEqualTo(set + "/train: 3 images, 1 classes; skipped 1: 1 not a JPEG, PNG, GIF, BMP, WebP or TIFF\n");
        Path shard = set.resolve("train/shard-00000.arrow");
        byte[] content = Files.readAllBytes(shard);
        content[content.length / 2] ^= 1;
        Files.write(shard, content);
        out.reset();
        assertThat(run("data", "inspect", set + ":train", "--verify")).isEqualTo(1);
        assertThat(text(out)).contains("damaged: " + shard + ": its checksum differs");
        assertThat(text(err)).contains("is damaged: ");
    }

    @Test
    void aSetIsShownOnAPage() throws IOException {
        Path set = folder.resolve("set");
        Path page = folder.resolve("pages/set.html");
        assertThat(run("data", "generate", "--to", set, "--train", 20, "--val", 0, "--size", 32))
                .isZero();
        assertThat(run("data", "inspect", set, "--html", page, "--preset", "demo", "--seed", 5))
                .isZero();
        assertThat(Files.readString(page)).contains("training samples with seed 5", "shaded_star");
        assertThat(text(err)).contains("wrote the page " + page);
        err.reset();
        assertThat(run("data", "inspect", set, "--seed", 5)).isEqualTo(2);
        assertThat(text(err)).contains("--html");
        err.reset();
        assertThat(run("data", "inspect", set, "--html", page, "--preset", "none"))
                .isEqualTo(2);
        assertThat(text(err)).contains("unknown preset none");
    }

    @Test
    void wrongUseIsNamed() {
        assertThat(run("data", "import", "--source", "folder", "--from", "a", "--to", "b"))
                .isEqualTo(2);
        assertThat(text(err)).contains("--source").containsIgnoringCase("imagefolder");
        err.reset();
        assertThat(run("data", "inspect", folder.resolve("nowhere"))).isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: no dataset folder: " + folder.resolve("nowhere") + "\n");
        err.reset();
        assertThat(run("data", "generate", "--to", folder, "--size", 5)).isEqualTo(2);
        assertThat(text(err)).isEqualTo("capi: --size must be from 32 to 1024 pixels, was 5\n");
    }

    private static Pixels pixels(int grey) {
        byte[] bytes = new byte[9 * 9 * 3];
        Arrays.fill(bytes, (byte) grey);
        return new Pixels(ByteBuffer.wrap(bytes), 9, 9, 3);
    }

    private int run(Object... arguments) {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = String.valueOf(arguments[i]);
        }
        return Main.run(console, texts);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
