package org.capi.train.ablate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.data.batch.Images;
import org.capi.data.files.DurableFile;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.jspecify.annotations.Nullable;

/** Which variant is trained in which folders, from what: {@code variants.json}, and one configuration for each slug. */
final class Assignments {

    private final AblationFolder folder;
    /** By the variant's name. */
    private final Map<String, Assignment> noted;
    /** Those of this call, by their slugs. */
    private final Map<String, Content> made = new LinkedHashMap<>();

    private Assignments(AblationFolder folder, Map<String, Assignment> noted) {
        this.folder = folder;
        this.noted = noted;
    }

    /** What is noted for a variant. */
    record Assignment(String slug, String data) {}

    private record Content(String yaml, String data) {}

    static Assignments read(AblationFolder folder) throws IOException {
        Path file = folder.variantsFile();
        Map<String, Assignment> noted = new LinkedHashMap<>();
        if (Files.exists(file)) {
            noted.putAll(AblationFolder.JSON.readValue(Files.readString(file), new TypeReference<>() {}));
        }
        return new Assignments(folder, noted);
    }

    /** The slug for a variant: its own if it has begun, that of a variant which is the same, or a new one. */
    String assign(String name, PretrainConfig config, String data) throws IOException {
        Assignment before = noted.get(name);
        String slug;
        if (before != null && folder.begun(before.slug())) {
            slug = before.slug();
            checkUnchanged(name, before, config, data);
        } else {
            String same = same(config, data);
            slug = same == null ? free(AblationRecipe.slug(name)) : same;
        }
        noted.put(name, new Assignment(slug, data));
        made.put(slug, new Content(config.toYaml(), data));
        return slug;
    }

    private void checkUnchanged(String name, Assignment before, PretrainConfig config, String data) throws IOException {
        List<String> changes = sameData(before, data)
                ? begunWith(before.slug()).allDifferences(ConfigFile.parse(config.toYaml(), name))
                : List.of("its data are " + before.data() + " there, " + data + " now");
        if (!changes.isEmpty()) {
            throw new IllegalArgumentException("the variant " + name + " changed since its training began: "
                    + String.join("; ", changes) + "; give it another name, or another --run than " + folder.path());
        }
    }

    /** The slug of a variant of this call or an earlier one with the same configuration and data. */
    private @Nullable String same(PretrainConfig config, String data) throws IOException {
        var content = new Content(config.toYaml(), data);
        for (Map.Entry<String, Content> other : made.entrySet()) {
            if (other.getValue().equals(content)) {
                return other.getKey();
            }
        }
        for (Assignment other : noted.values()) {
            if (!made.containsKey(other.slug())
                    && folder.begun(other.slug())
                    && sameData(other, data)
                    && begunWith(other.slug())
                            .allDifferences(ConfigFile.parse(content.yaml(), "the configuration"))
                            .isEmpty()) {
                return other.slug();
            }
        }
        return null;
    }

    /** Older versions noted paths as they were given. */
    private static boolean sameData(Assignment noted, String data) {
        return noted.data().equals(data) || Images.absolute(noted.data()).equals(data);
    }

    private ConfigFile begunWith(String slug) throws IOException {
        return ConfigFile.ofRun(folder.configFile(slug));
    }

    private String free(String slug) throws IOException {
        String candidate = slug;
        int next = 2;
        while (made.containsKey(candidate) || folder.begun(candidate)) {
            candidate = slug + "-" + next;
            next++;
        }
        return candidate;
    }

    /** Puts it down, before anything is trained. */
    void write() throws IOException {
        for (Map.Entry<String, Content> one : made.entrySet()) {
            Path file = folder.configFile(one.getKey());
            if (!folder.begun(one.getKey())) {
                Files.createDirectories(file.resolveSibling(""));
                DurableFile.write(file, one.getValue().yaml());
            }
        }
        DurableFile.write(folder.variantsFile(), AblationFolder.JSON.writeValueAsString(noted) + "\n");
    }
}
