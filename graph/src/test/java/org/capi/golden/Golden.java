package org.capi.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * One fixture of the golden numbers: its hyper-parameters and its arrays.
 *
 * <p>The folder comes from the system property {@code capi.golden} (relative to the reactor's root; a missing folder is
 * an error), else it is {@code ../shared/golden/A} next to the checkout, else the compact copy among the test resources.
 */
public final class Golden {

    private static final Path ROOT = root();

    private final String name;
    private final Path folder;
    private final JsonNode hyper;
    private final Map<String, JsonNode> arrays = new LinkedHashMap<>();

    private Golden(String name) {
        this.name = name;
        this.folder = ROOT.resolve(name);
        try {
            JsonNode manifest = new ObjectMapper().readTree(Files.readString(folder.resolve("manifest.json")));
            this.hyper = manifest.get("hyper");
            for (JsonNode array : manifest.get("arrays")) {
                arrays.put(array.get("name").asText(), array);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no golden fixture " + name + " under " + ROOT, e);
        }
    }

    /** Whether the golden numbers at hand have this fixture; a set may leave out what it does not cover. */
    public static boolean hasFixture(String name) {
        return Files.exists(ROOT.resolve(name).resolve("manifest.json"));
    }

    /** Opens the fixture of this name, such as {@code rope} or {@code train}. */
    public static Golden fixture(String name) {
        return new Golden(name);
    }

    /** The hyper-parameters that the reference ran with. */
    public JsonNode hyper() {
        return hyper;
    }

    /** Whether the fixture has this array. */
    public boolean has(String array) {
        return arrays.containsKey(array);
    }

    /** The names of the arrays that begin with a prefix, without it, in the manifest's order. */
    public List<String> names(String prefix) {
        return arrays.keySet().stream()
                .filter(n -> n.startsWith(prefix))
                .map(n -> n.substring(prefix.length()))
                .toList();
    }

    /** Reads an array. */
    public NpyArray array(String array) {
        try {
            return NpyArray.read(folder.resolve(entry(array).get("file").asText()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A number that the manifest gives for an array, such as {@code max_abs}; 0 when it gives none. */
    public double number(String array, String key) {
        return entry(array).path(key).asDouble(0);
    }

    /** A word that the manifest gives for an array, such as {@code meaning}; empty when it gives none. */
    public String text(String array, String key) {
        return entry(array).path(key).asText("");
    }

    /** How far a right float32 computation may be from the array: 20 x f64_max_abs_diff + 2e-5 x max_abs. */
    public double tolerance(String array) {
        return 20 * number(array, "f64_max_abs_diff") + 2e-5 * number(array, "max_abs");
    }

    private JsonNode entry(String array) {
        JsonNode entry = arrays.get(array);
        if (entry == null) {
            throw new NoSuchElementException("the golden fixture " + name + " has no array " + array);
        }
        return entry;
    }

    private static Path root() {
        Path reactor = Path.of(System.getProperty("capi.root", "."));
        String given = System.getProperty("capi.golden", "");
        if (!given.isEmpty()) {
            Path folder = reactor.resolve(given);
            if (!Files.isDirectory(folder)) {
                throw new IllegalStateException("capi.golden names no folder: "
                        + folder.toAbsolutePath().normalize());
            }
            return folder;
        }
        Path shared = reactor.resolve("../shared/golden/A");
        return Files.isDirectory(shared) ? shared : compactCopy();
    }

    private static Path compactCopy() {
        @Nullable InputStream resource = Golden.class.getResourceAsStream("golden-A.zip");
        if (resource == null) {
            throw new IllegalStateException("golden-A.zip is missing from the test resources of the module graph");
        }
        try (resource) {
            Path file = Files.createTempFile("golden-A", ".zip");
            file.toFile().deleteOnExit();
            Files.copy(resource, file, StandardCopyOption.REPLACE_EXISTING);
            FileSystem zip = FileSystems.newFileSystem(file);
            return zip.getPath("/");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
