package org.capi.train.ablate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.files.StrictJson;
import org.capi.train.ablate.Ablation.ChildLauncher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is trained, continued, skipped and refused; with commands that do nothing. */
class AblationTest {

    private static final String VARIANTS = """
              - {name: block, overrides: {data.mask: block, data.roll: false}, paper: {IN1k: 79.9}}
              - {name: inverse block + roll, paper: {IN1k: 81.4}}
            """;

    @TempDir
    private Path folder;

    private final FakeLauncher launcher = new FakeLauncher();
    private final List<String> said = new ArrayList<>();
    private final List<Long> shown = new ArrayList<>();

    @Test
    void everyVariantIsTrainedExportedAndEvaluatedWithEverySeed() throws Exception {
        Ablation.Result result = run(VARIANTS);
        assertThat(launcher.commands)
                .startsWith(
                        "pretrain block-seed-0", "export block-seed-0", "eval block-seed-0", "pretrain block-seed-1")
                .hasSize(12);
        assertThat(result.failures()).isEmpty();
        assertThat(folder.resolve("ablation/runs/block-seed-1/config.yaml"))
                .content()
                .contains("mask: block\n", "seed: 1\n");
        assertThat(shown).last().isEqualTo(16L);
        assertThat(said).contains("1 of 4: block, seed 0", "block, seed 0: k-NN 50.0 %");
    }

    @Test
    void whatIsFinishedIsNeverRunAgain() throws Exception {
        run(VARIANTS);
        launcher.commands.clear();
        Ablation.Result result = run(VARIANTS);
        assertThat(launcher.commands).isEmpty();
        assertThat(result.tables().get(0).variants().get(0).finished()).hasSize(2);
    }

    @Test
    void aTrainingThatWasKilledContinuesWhereItStopped() throws Exception {
        launcher.ends("pretrain block-seed-0", 137, 2, "step=2/4");
        Ablation.Result first = run(VARIANTS);
        assertThat(first.failures()).containsExactly("block, seed 0 (pretrain ended with status 137: step=2/4)");
        assertThat(launcher.commands).contains("pretrain block-seed-1", "eval inverse-block-roll-seed-1");
        launcher.commands.clear();
        shown.clear();
        Ablation.Result second = run(VARIANTS);
        assertThat(launcher.commands)
                .containsExactly("resume block-seed-0", "export block-seed-0", "eval block-seed-0");
        assertThat(second.failures()).isEmpty();
        assertThat(said).contains("1 of 4: block, seed 0, continuing after step 2");
        assertThat(shown).first().isEqualTo(14L);
    }

    @Test
    void theWordsOfAProcessAreKnownWithoutTheFolderProc() throws Exception {
        Process process = new ProcessBuilder("sleep", "61").start();
        try {
            assertThat(ChildLauncher.words(process.toHandle(), Path.of("/proc")))
                    .contains("61");
            assertThat(ChildLauncher.words(process.toHandle(), folder)).contains("61");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /** Ctrl-C reaches a process of the same session by itself; twice, it would leave without its checkpoint. */
    @Test
    void ctrlCIsPassedOnToASessionOfItsOwnOnly() {
        assertThat(ChildLauncher.passesOn(2, true)).isTrue();
        assertThat(ChildLauncher.passesOn(2, false)).isFalse();
        assertThat(ChildLauncher.passesOn(15, false)).isTrue();
        assertThat(ChildLauncher.passesOn(0, true)).isFalse();
    }

    @Test
    void aTrainingThatWasKilledBeforeItsFirstCheckpointStartsAgain() throws Exception {
        launcher.ends("pretrain block-seed-0", 137, -1, "");
        run(VARIANTS);
        launcher.commands.clear();
        run(VARIANTS);
        assertThat(launcher.commands).startsWith("pretrain block-seed-0").hasSize(3);
    }

    @Test
    void aTrainingThatDivergedIsNotTriedAgain() throws Exception {
        launcher.ends("pretrain block-seed-0", 3, 2, "capi: steps 3, 4 and 5 gave no finite loss");
        run(VARIANTS);
        launcher.commands.clear();
        Ablation.Result again = run(VARIANTS);
        assertThat(launcher.commands).isEmpty();
        assertThat(again.failures())
                .containsExactly("block, seed 0 (pretrain ended with status 3: steps 3, 4 and 5 gave no finite loss)");
        AblationTable.Line line = again.tables().get(0).variants().get(0);
        assertThat(line.trials().get(0).state()).isEqualTo(AblationRun.State.DIVERGED);
        assertThat(line.statistics().get("k-NN")).isEqualTo(new AblationTable.Statistic(1, 0.5, null));
    }

    @Test
    void anEvaluationThatFailedIsMadeAgainWithoutTraining() throws Exception {
        launcher.ends("eval block-seed-1", 1, 0, "capi: out of memory");
        assertThat(run(VARIANTS).failures()).containsExactly("block, seed 1 (eval ended with status 1: out of memory)");
        launcher.commands.clear();
        assertThat(run(VARIANTS).failures()).isEmpty();
        assertThat(launcher.commands).containsExactly("export block-seed-1", "eval block-seed-1");
    }

    @Test
    void aSignalStopsAllAndIsNoFailure() throws Exception {
        launcher.isStopped("pretrain block-seed-1", 15, 3);
        Ablation.Result result = run(VARIANTS);
        assertThat(result.stoppedBy()).isEqualTo(15);
        assertThat(result.failures()).isEmpty();
        assertThat(launcher.commands).last().isEqualTo("pretrain block-seed-1");
        assertThat(result.tables().get(0).variants().get(0).trials().get(1).state())
                .isEqualTo(AblationRun.State.UNFINISHED);
    }

    @Test
    void aVariantThatChangedSinceItsStartIsRefusedByItsName() throws Exception {
        run(VARIANTS);
        launcher.commands.clear();
        assertThatThrownBy(() -> run(VARIANTS.replace("data.roll: false", "data.roll: true")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the variant block changed since its training began: data.roll is false there, true now;"
                        + " give it another name, or another --run than " + folder.resolve("ablation"));
        assertThat(launcher.commands).isEmpty();
    }

    @Test
    void aVariantWithOtherDataIsRefusedToo() throws Exception {
        run(VARIANTS);
        assertThatThrownBy(() -> run(VARIANTS.replace("{name: block,", "{name: block, data: elsewhere,")))
                .hasMessageStartingWith("the variant block changed since its training began: its data are "
                        + Path.of("set").toAbsolutePath() + " there, elsewhere now");
    }

    @Test
    void anOverrideOfTheCommandLineChangesEveryVariant() throws Exception {
        run(VARIANTS);
        assertThatThrownBy(() -> run(List.of(recipe(VARIANTS)), List.of("optim.total_steps=8")))
                .hasMessageContaining("optim.total_steps is 4 there, 8 now");
        assertThatThrownBy(() -> run(List.of(recipe(VARIANTS)), List.of("data.mask=uniform")))
                .hasMessage(
                        "an override must not set what the recipe varies, was data.mask=uniform (the variant block)");
    }

    @Test
    void aVariantThatWasNotStartedMayChangeAndOneMayBeAdded() throws Exception {
        launcher.isStopped("pretrain block-seed-0", 2, 1);
        run(VARIANTS);
        var next = new FakeLauncher();
        Ablation.Result result = run(
                next,
                List.of(recipe(VARIANTS.replace(
                                "{name: inverse block + roll,",
                                "{name: inverse block + roll," + " overrides: {data.mask_ratio: 0.75},")
                        + "  - {name: random, overrides: {data.mask: uniform, data.roll: false}}\n")),
                List.of());
        assertThat(next.commands).contains("resume block-seed-0", "pretrain random-seed-1");
        assertThat(folder.resolve("ablation/runs/inverse-block-roll-seed-0/config.yaml"))
                .content()
                .contains("mask_ratio: 0.75");
        assertThat(result.failures()).isEmpty();
    }

    @Test
    void whatTwoTablesShareIsTrainedOnceAlsoInALaterCall() throws Exception {
        run(VARIANTS);
        launcher.commands.clear();
        String other = """
                  - {name: RoPE}
                  - {name: learnable, overrides: {model.positions: learnable}}
                """;
        Ablation.Result result = run(List.of(recipe(VARIANTS), recipe(other)), List.of());
        assertThat(launcher.commands).startsWith("pretrain learnable-seed-0").hasSize(6);
        AblationTable.Line rope = result.tables().get(1).variants().get(0);
        assertThat(rope.finished()).hasSize(2);
        assertThat(rope.trials().get(0).folder()).isEqualTo("inverse-block-roll-seed-0");
    }

    @Test
    void namesThatAreOneAsPathsStayApart() throws Exception {
        run("""
              - {name: a b}
              - {name: a/b, overrides: {data.roll: false}}
            """);
        assertThat(launcher.commands).contains("pretrain a-b-seed-0", "pretrain a-b-2-seed-0");
        launcher.commands.clear();
        run("""
              - {name: a b}
              - {name: a/b, overrides: {data.roll: false}}
            """);
        assertThat(launcher.commands).isEmpty();
    }

    @Test
    void anEvaluationThatIsDefinedOtherwiseIsMadeAgain() throws Exception {
        run(VARIANTS);
        launcher.commands.clear();
        RecipeFile other = parsed(text(VARIANTS).replace("k: 20", "k: 5"));
        run(List.of(other), List.of());
        assertThat(launcher.commands).hasSize(8).noneMatch(command -> command.startsWith("pretrain"));
    }

    @Test
    void theTableHasMeansSpreadsAndThePapersNumbers() throws Exception {
        launcher.measures("block-seed-0", 0.40)
                .measures("block-seed-1", 0.42)
                .measures("inverse-block-roll-seed-0", 0.50)
                .measures("inverse-block-roll-seed-1", 0.51);
        run(VARIANTS);
        String markdown = Files.readString(folder.resolve("ablation/table.md"));
        assertThat(markdown)
                .startsWith("### Masks | of all\n".replace("|", "\\|"))
                .contains(
                        "| variant | k-NN | paper, IN1k | seeds | student loss | minutes |",
                        "| block | 41.0 ± 1.4 | 79.9 | 2 | 9.50 → 6.50 | 0.4 |",
                        "- k-NN: **inverse block + roll** above **block** by 9.5 (twice the spread: 2.8); the paper's IN1k"
                                + " has the same order.");
        JsonNode json = StrictJson.MAPPER.readTree(Files.readString(folder.resolve("ablation/table.json")));
        assertThat(json.at("/0/variants/0/statistics/k-NN/mean").asDouble()).isCloseTo(0.41, within(1e-12));
        assertThat(json.at("/0/comparisons/0/ordered").asBoolean()).isTrue();
        assertThat(json.at("/0/comparisons/0/paper").asText()).isEqualTo("same");
        assertThat(folder.resolve("ablation/report.html"))
                .content()
                .contains("41.0 ± 1.4", "4 of 4 trainings", "inverse block + roll, the paper&#39;s IN1k")
                .doesNotContain("src=\"http");
    }

    @Test
    void twoCallsDoNotWorkInOneFolder() throws Exception {
        Path path = folder.resolve("ablation");
        try (AblationFolder held = AblationFolder.open(path)) {
            assertThat(held.path()).isEqualTo(path);
            assertThatThrownBy(() -> AblationFolder.open(path))
                    .hasMessage("the ablation " + path + " is in use by another command, process "
                            + ProcessHandle.current().pid() + "; wait for it or stop it");
        }
        AblationFolder.open(path).close();
    }

    @Test
    void aFolderOfSomethingElseIsRefused() throws Exception {
        Files.writeString(folder.resolve("notes.txt"), "mine");
        assertThatThrownBy(() -> AblationFolder.open(folder))
                .hasMessage(
                        "the folder " + folder + " holds files that are not those of an ablation; name a new folder");
        assertThatThrownBy(() -> AblationFolder.open(folder.resolve("notes.txt")))
                .hasMessage("the folder " + folder.resolve("notes.txt") + " is a file; name a folder");
    }

    private Ablation.Result run(String variants) throws IOException, InterruptedException {
        return run(List.of(recipe(variants)), List.of());
    }

    private Ablation.Result run(List<RecipeFile> recipes, List<String> overrides)
            throws IOException, InterruptedException {
        return run(launcher, recipes, overrides);
    }

    private Ablation.Result run(FakeLauncher with, List<RecipeFile> recipes, List<String> overrides)
            throws IOException, InterruptedException {
        try (AblationFolder held = AblationFolder.open(folder.resolve("ablation"))) {
            Plan plan = Plan.of(recipes, overrides, ImageSets.of("set", List.of()), held);
            return new Ablation(plan, held, with, (done, total) -> shown.add(done), said::add).run();
        }
    }

    private static RecipeFile recipe(String variants) {
        return parsed(text(variants));
    }

    private static RecipeFile parsed(String text) {
        return new RecipeFile("masks", Path.of(""), RecipeFile.parse(text, "the recipe"));
    }

    private static String text(String variants) {
        return """
                title: Masks | of all
                base: {preset: demo, overrides: {optim.total_steps: 4, optim.warmup_steps: 1}}
                seeds: [0, 1]
                evaluations:
                  - {name: k-NN, probe: knn, train: '{data}', test: '{data}:val', settings: {k: 20}, beside: IN1k}
                variants:
                """ + variants;
    }
}
