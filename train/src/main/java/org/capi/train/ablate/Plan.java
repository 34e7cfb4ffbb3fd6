package org.capi.train.ablate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.batch.Images;
import org.capi.data.files.DurableFile;
import org.capi.data.files.StrictJson;
import org.capi.train.ablate.RecipeFile.Variant;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;

/**
 * What is to be trained, for which tables.
 *
 * @param tables one for each recipe
 */
public record Plan(List<PlannedTable> tables) {

    public Plan {
        tables = List.copyOf(tables);
    }

    /**
     * A table to be filled.
     *
     * @param base what its variants start from, as a phrase
     */
    record PlannedTable(RecipeFile file, String base, List<AblationMetric> metrics, List<Row> rows) {}

    /**
     * A variant and its runs.
     *
     * @param paper the paper's numbers in per cent
     */
    record Row(String variant, Map<String, Double> paper, List<AblationRun> runs) {}

    /** Refuses recipes with variants or images that cannot be used, before a folder is made. */
    public static void check(List<RecipeFile> files, List<String> overrides, ImageSets sets) throws IOException {
        Set<String> images = new LinkedHashSet<>();
        for (RecipeFile file : files) {
            ConfigFile base = file.base(overrides);
            for (Variant variant : file.recipe().variants()) {
                variant.check(overrides);
                variant.resolve(base);
                images.addAll(List.of(variant.data(sets).split(",", -1)));
            }
            for (AblationMetric metric : file.recipe().evaluations()) {
                images.add(sets.resolve(metric.train()));
                images.add(sets.resolve(metric.test()));
            }
        }
        for (String set : images) {
            ImageDataset.open(set).close();
        }
    }

    /**
     * Resolves every variant, and notes it in the folder. Variants of one configuration and data are trained once, also
     * those of different recipes. One whose training was started with another configuration is refused.
     *
     * @param overrides for the base of every recipe, {@code section.key=value}
     */
    public static Plan of(List<RecipeFile> files, List<String> overrides, ImageSets sets, AblationFolder folder)
            throws IOException {
        Slugs slugs = Slugs.read(folder);
        Map<String, String> definitions = new LinkedHashMap<>();
        List<PlannedTable> tables = new ArrayList<>();
        for (RecipeFile file : files) {
            RecipeFile.Content recipe = file.recipe();
            ConfigFile base = file.base(overrides);
            List<AblationMetric> metrics =
                    recipe.evaluations().stream().map(metric -> metric.at(sets)).toList();
            for (AblationMetric metric : metrics) {
                String definition = metric.definition();
                String before = definitions.putIfAbsent(RecipeFile.slug(metric.name()), definition);
                if (before != null && !before.equals(definition)) {
                    throw new IllegalArgumentException("the evaluation " + metric.name() + " must be the same in every"
                            + " recipe, was " + before + " and " + definition);
                }
            }
            List<Row> rows = new ArrayList<>();
            for (Variant variant : recipe.variants()) {
                variant.check(overrides);
                PretrainConfig config = variant.resolve(base);
                String data = variant.data(sets);
                String slug = slugs.assign(variant.name(), config, data);
                int steps = config.optim().totalSteps();
                List<AblationRun> runs = recipe.seeds().stream()
                        .map(seed -> new AblationRun(folder.path(), variant.name(), slug, seed, data, steps, metrics))
                        .toList();
                rows.add(new Row(variant.name(), variant.paper(), runs));
            }
            String phrase = recipe.base() + (overrides.isEmpty() ? "" : ", and " + String.join(", ", overrides));
            tables.add(new PlannedTable(file, phrase, metrics, rows));
        }
        slugs.write();
        return new Plan(tables);
    }

    /** Every run once, in the order of the tables; one that two tables share is evaluated by the metrics of both. */
    List<AblationRun> runs() {
        Map<String, AblationRun> runs = new LinkedHashMap<>();
        for (PlannedTable table : tables) {
            for (Row row : table.rows()) {
                row.runs().forEach(run -> runs.merge(run.folder(), run, AblationRun::with));
            }
        }
        return List.copyOf(runs.values());
    }

    /**
     * Which variant is trained in which folders, from what: {@code variants.json}, and one configuration for each slug.
     *
     * @param noted by the variant's name
     * @param made those of this call, by their slugs
     */
    private record Slugs(AblationFolder folder, Map<String, Assignment> noted, Map<String, Content> made) {

        private record Assignment(String slug, String data) {

            /** Older versions noted paths as they were given. */
            boolean sameData(String now) {
                return data.equals(now) || Images.absolute(data).equals(now);
            }
        }

        private record Content(String yaml, String data) {}

        static Slugs read(AblationFolder folder) throws IOException {
            Path file = folder.variantsFile();
            Map<String, Assignment> noted = new LinkedHashMap<>();
            if (Files.exists(file)) {
                noted.putAll(StrictJson.MAPPER.readValue(Files.readString(file), new TypeReference<>() {}));
            }
            return new Slugs(folder, noted, new LinkedHashMap<>());
        }

        /** The slug for a variant: its own if it was started, that of a variant which is the same, or a new one. */
        String assign(String name, PretrainConfig config, String data) throws IOException {
            var content = new Content(config.toYaml(), data);
            Assignment before = noted.get(name);
            String slug;
            if (before != null && folder.started(before.slug)) {
                slug = before.slug;
                checkUnchanged(name, before, content);
            } else {
                slug = slugOf(content, name);
            }
            noted.put(name, new Assignment(slug, data));
            made.put(slug, content);
            return slug;
        }

        private void checkUnchanged(String name, Assignment before, Content now) throws IOException {
            List<String> changes = before.sameData(now.data)
                    ? config(before).allDifferences(ConfigFile.parse(now.yaml, name))
                    : List.of("its data are " + before.data + " there, " + now.data + " now");
            if (!changes.isEmpty()) {
                throw new IllegalArgumentException("the variant " + name + " changed since its training began: "
                        + String.join("; ", changes) + "; give it another name, or another --run than "
                        + folder.path());
            }
        }

        /** The slug of a variant of this call or an earlier one with the same configuration and data, or a new one. */
        private String slugOf(Content content, String name) throws IOException {
            for (Map.Entry<String, Content> other : made.entrySet()) {
                if (other.getValue().equals(content)) {
                    return other.getKey();
                }
            }
            for (Assignment other : noted.values()) {
                if (!made.containsKey(other.slug)
                        && folder.started(other.slug)
                        && other.sameData(content.data)
                        && config(other)
                                .allDifferences(ConfigFile.parse(content.yaml, "the configuration"))
                                .isEmpty()) {
                    return other.slug;
                }
            }
            String slug = RecipeFile.slug(name);
            String free = slug;
            for (int next = 2; made.containsKey(free) || folder.started(free); next++) {
                free = slug + "-" + next;
            }
            return free;
        }

        private ConfigFile config(Assignment started) throws IOException {
            return ConfigFile.ofRun(AblationFolder.configFile(folder.path(), started.slug));
        }

        /** Writes them down, before anything is trained. */
        void write() throws IOException {
            for (Map.Entry<String, Content> one : made.entrySet()) {
                Path file = AblationFolder.configFile(folder.path(), one.getKey());
                if (!folder.started(one.getKey())) {
                    Files.createDirectories(file.resolveSibling(""));
                    DurableFile.write(file, one.getValue().yaml);
                }
            }
            StrictJson.write(folder.variantsFile(), noted);
        }
    }
}
