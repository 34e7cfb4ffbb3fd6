package org.capi.train.ablate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.data.files.StrictJson;
import org.capi.train.TinyRun;
import org.capi.train.loop.ChildRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real ablation of two variants, whose process is killed and stopped before it comes to its end. */
@Tag("slow")
class KilledAblationTest {

    private static final int STEPS = 400;

    @TempDir
    private Path folder;

    private Path recipe;

    @BeforeEach
    void drawAndWrite() throws IOException {
        TinyRun.images(folder.resolve("set"));
        Map<String, String> values = new LinkedHashMap<>(); // the last value of a key counts, YAML takes one only
        for (String override : TinyRun.overrides(STEPS, "checkpoint.every=20", "checkpoint.max_to_keep=1")) {
            values.put(override.split("=", 2)[0], override.split("=", 2)[1]);
        }
        StringBuilder overrides = new StringBuilder();
        values.forEach((key, value) -> overrides.append("    " + key + ": " + value + "\n"));
        recipe = Files.writeString(folder.resolve("recipe.yaml"), """
                title: Masks
                base:
                  preset: demo
                  overrides:
                %sseeds: [0]
                evaluations:
                  - {name: k-NN, probe: knn, train: '{data}', test: '{data}:val', settings: {k: 3, batch_size: 4}}
                variants:
                  - {name: random, overrides: {data.mask: uniform, data.roll: false}}
                  - {name: inverse block + roll}
                """.formatted(overrides));
    }

    @Test
    void aKilledAndAStoppedAblationContinueWhereTheyWere() throws Exception {
        try (ChildRun killed = ablate("random-seed-0", "1.txt")) {
            killed.awaitStep(25);
            killed.process().destroyForcibly().waitFor();
        }
        try (ChildRun stopped = ablate("inverse-block-roll-seed-0", "2.txt")) {
            stopped.awaitStep(25);
            stopped.send("TERM");
            assertThat(stopped.exit()).as(said("2.txt")).isEqualTo(143);
            assertThat(AblationRun.newestStep(stopped.run()))
                    .isEqualTo(stopped.lastStep())
                    .isLessThan(STEPS);
        }
        assertThat(said("2.txt"))
                .contains("which an earlier command left behind", "1 of 2: random, seed 0, continuing after step ")
                .contains("stopped; give the same command again to continue");
        try (ChildRun last = ablate("inverse-block-roll-seed-0", "3.txt", "--json")) {
            assertThat(last.exit()).as(said("3.txt")).isZero();
        }
        assertThat(said("3.txt"))
                .contains("2 of 2: inverse block + roll, seed 0, continuing after step ")
                .doesNotContain("1 of 2");
        for (String run : List.of("random-seed-0", "inverse-block-roll-seed-0")) {
            List<String> metrics = Files.readAllLines(run(run).resolve("metrics.jsonl"));
            assertThat(metrics).hasSize(STEPS);
            for (int i = 0; i < STEPS; i++) {
                assertThat(metrics.get(i)).startsWith("{\"step\":" + (i + 1) + ",");
            }
        }
        List<String> lines = said("3.txt").strip().lines().toList();
        JsonNode json = StrictJson.MAPPER.readTree(lines.get(lines.size() - 1));
        for (JsonNode variant : json.at("/tables/0/variants")) {
            assertThat(variant.at("/statistics/k-NN/mean").asDouble()).isBetween(0.0, 1.0);
            assertThat(variant.at("/trials/0/state").asText()).isEqualTo("finished");
        }
        assertThat(json.at("/tables/0/variants")).hasSize(2);
    }

    private Path run(String name) {
        return folder.resolve("ablation").resolve("runs").resolve(name);
    }

    private ChildRun ablate(String run, String output, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "ablate",
                "--recipe",
                recipe.toString(),
                "--data",
                folder.resolve("set").toString(),
                "--run",
                folder.resolve("ablation").toString()));
        arguments.addAll(List.of(more));
        return ChildRun.start(run(run), folder.resolve(output), arguments);
    }

    private String said(String output) throws IOException {
        Path file = folder.resolve(output);
        return Files.exists(file) ? Files.readString(file) : "";
    }
}
