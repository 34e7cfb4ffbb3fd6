package org.capi.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitNamesTest {

    @ParameterizedTest
    @CsvSource({
        "train-00000-of-00002.parquet, train",
        "data/TRAIN-00000-of-00002.parquet, train",
        "data/Validation-00000-of-00001-1a2b3c.parquet, val",
        "imagenet-train-00000-of-00008.tar.gz, train",
        "fashion-train_small-00000-of-00008.arrow, train_small",
        "train_small-00000-of-00001.parquet, train_small",
        "train-small-00000-of-00001.parquet, train-small",
        "test.adversarial-00000-of-00001.parquet, test_adversarial",
        "train_r1-00000-of-00001.parquet, train_r1",
        "train2017-00000-of-00001.tar, train",
        "data-00000-of-00002.arrow, train",
        "test/data-00000-of-00002.arrow, test",
        "imagenet-val-0001.tar, val",
        "dev.parquet, val",
        "Testing/0000.parquet, test",
        "default/valid/0000.parquet, val",
        "train_images_00.tar, train",
        "latest.parquet, train"
    })
    void aNameByItselfGivesASplit(String name, String split) {
        assertThat(splits(name)).isEqualTo(Map.of(split, List.of(name)));
    }

    @Test
    void whatBeginsLikeASplitIsOneOfItsOwnBesideThatSplit() {
        assertThat(splits("data/train-00000-of-00001.parquet", "data/train_small-00000-of-00001.parquet"))
                .containsOnlyKeys("train", "train_small");
        assertThat(splits("default/train/0000.parquet", "default/train_small/0000.parquet"))
                .containsOnlyKeys("train", "train_small");
        assertThat(splits("train.parquet", "train_small.parquet", "test_images.parquet"))
                .containsOnlyKeys("train", "train_small", "test");
        assertThat(splits("train1-00000-of-00001.parquet", "train2-00000-of-00001.parquet"))
                .containsOnlyKeys("train1", "train2");
        assertThat(splits("train00001.tar", "train/0.tar", "imagenet-train-0.tar"))
                .containsOnlyKeys("train");
        assertThat(splits("data/extra-00000-of-00001.tar", "data/train-00000-of-00001.tar", "other.tar"))
                .isEqualTo(Map.of(
                        "extra", List.of("data/extra-00000-of-00001.tar"),
                        "train", List.of("data/train-00000-of-00001.tar", "other.tar")));
    }

    private static Map<String, List<String>> splits(String... names) {
        return SplitNames.group(List.of(names), name -> name);
    }
}
