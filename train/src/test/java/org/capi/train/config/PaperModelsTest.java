package org.capi.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.capi.graph.clustering.SinkhornKnopp;
import org.capi.graph.pretrain.StepConfig.PretrainObjective;
import org.capi.graph.pretrain.StepConfig.TargetSource;
import org.capi.graph.vit.Predictor;
import org.capi.train.config.PretrainConfig.ImageSize;
import org.capi.train.config.PretrainConfig.MaskKind;
import org.capi.train.config.PretrainConfig.PositionKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

class PaperModelsTest {

    static final List<String> NAMES = ConfigFile.paperModels();

    private static final Path PAPER = Path.of(System.getProperty("capi.root", "."), "../shared/spec/PAPER.md");
    private static final Pattern CROP = Pattern.compile("\\[(\\d+)%,(\\d+)%]");

    @ParameterizedTest
    @FieldSource("NAMES")
    void aModelResolvesToACompleteConfigurationThatTheStepAccepts(String name) {
        var config = ConfigFile.preset(name).resolve();
        assertThat(config.toYaml()).contains("positions: ").contains("patch_size: ");
        assertThat(config.model().headDim()).isEqualTo(64);
        assertThat(config.data().imageSize()).isEqualTo(new ImageSize(224, 224));
        assertThat(config.step().batch().predicted()).isPositive();
    }

    @Test
    void everyRowOfTheTableIsThere() throws IOException {
        assumeTrue(Files.exists(PAPER), () -> "skipped: there is no " + PAPER);
        assertThat(table().map(row -> row.get("uid"))).hasSize(28).containsExactlyInAnyOrderElementsOf(NAMES);
    }

    @Test
    void theSplitOfTheMaskIsTheReferences() {
        assertThat(ConfigFile.preset("Meb2b").resolve().data().predicted(256)).isEqualTo(8);
        assertThat(ConfigFile.preset("Adcab").resolve().data().predicted(196)).isEqualTo(6);
    }

    static Stream<Row> table() throws IOException {
        if (!Files.exists(PAPER)) {
            return Stream.of(new Row(Map.of()));
        }
        List<String> lines = Files.readAllLines(PAPER);
        int head = lines.indexOf(lines.stream()
                .filter(line -> line.startsWith("uid\t"))
                .findFirst()
                .orElseThrow());
        String[] keys = lines.get(head).split("\t");
        return lines.subList(head + 1, lines.size()).stream()
                .takeWhile(line -> line.contains("\t"))
                .map(line -> row(keys, line.split("\t")));
    }

    @ParameterizedTest
    @MethodSource("table")
    void aRowOfTheTableIsThatPreset(Row row) {
        assumeTrue(!row.cells().isEmpty(), () -> "skipped: there is no " + PAPER);
        String uid = row.get("uid");
        assertThat(NAMES).contains(uid);
        var config = ConfigFile.preset(uid).resolve();
        int steps = Integer.parseInt(row.get("#iter").replace("k", "000"));
        assertThat(config.optim().totalSteps()).isEqualTo(steps);
        assertThat(config.optim().warmupSteps()).isEqualTo(steps / 10);
        assertThat(config.optim().cosineTruncation()).isEqualTo(0.8);
        var model = config.model();
        assertThat(List.of(model.patchSize(), model.depth(), model.predictorDepth(), model.dim(), model.predictorDim()))
                .isEqualTo(Stream.of("patch size", "enc depth", "pred depth", "enc dim", "pred dim")
                        .map(key -> Integer.valueOf(row.get(key)))
                        .toList());
        assertThat(model.registers()).isEqualTo(Integer.parseInt(row.get("#reg.")));
        assertThat(model.positions())
                .isEqualTo(row.get("pos. enc.").equals("rope") ? PositionKind.ROPE : PositionKind.LEARNABLE);
        assertThat(config.optim().learningRate()).isEqualTo(Double.parseDouble(row.get("lr")));
        assertThat(config.optim().clusteringLearningRate()).isEqualTo(Double.parseDouble(row.get("clust. lr")));
        assertThat(config.optim().momentum()).isEqualTo(Double.parseDouble(row.get("mom.")));
        assertThat(config.capi().sinkhorn())
                .isEqualTo(
                        row.get("SK").equals("modified")
                                ? SinkhornKnopp.Grouping.POSITIONWISE
                                : SinkhornKnopp.Grouping.STANDARD);
        assertThat(config.capi().objective())
                .isEqualTo(
                        switch (row.get("teacher head")) {
                            case "clustering" -> PretrainObjective.CLUSTERING;
                            case "EMA" -> PretrainObjective.IBOT;
                            default -> PretrainObjective.DIRECT;
                        });
        assertThat(config.capi().objective() == PretrainObjective.DIRECT)
                .isEqualTo(row.get("loss").equals("Huber"));
        assertThat(config.capi().studentHead())
                .hasToString(row.get("student head").toLowerCase(Locale.ROOT));
        assertThat(config.capi().targets()).isEqualTo(TargetSource.EMA);
        assertThat(model.predictor()).isEqualTo(Predictor.Kind.CROSS_ATTENTION);
        var data = config.data();
        assertThat(data.mask())
                .isEqualTo(
                        switch (row.get("masking")) {
                            case "random" -> MaskKind.UNIFORM;
                            case "block" -> MaskKind.BLOCK;
                            default -> MaskKind.INVERSE_BLOCK;
                        });
        assertThat(data.maskRatio()).isEqualTo(Integer.parseInt(row.get("ratio").replace("%", "")) / 100.0);
        assertThat(data.roll()).isEqualTo(row.get("roll").equals("True"));
        var crop = CROP.matcher(row.get("crop scale"));
        assertThat(crop.matches()).isTrue();
        assertThat(data.cropScale())
                .containsExactly(Integer.parseInt(crop.group(1)) / 100.0, Integer.parseInt(crop.group(2)) / 100.0);
    }

    private static Row row(String[] keys, String[] cells) {
        Map<String, String> row = new LinkedHashMap<>();
        for (int i = 0; i < keys.length; i++) {
            row.put(keys[i], cells[i]);
        }
        return new Row(row);
    }

    private record Row(Map<String, String> cells) {

        String get(String key) {
            String cell = cells.get(key);
            if (cell == null) {
                throw new IllegalStateException("the table has no column " + key);
            }
            return cell;
        }
    }
}
