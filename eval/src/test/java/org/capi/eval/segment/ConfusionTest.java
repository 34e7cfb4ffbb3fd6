package org.capi.eval.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.capi.eval.features.Confusion;
import org.junit.jupiter.api.Test;

class ConfusionTest {

    /** Label 1 has a hit and a miss, label 2 two hits, and the ignored label 0 was named once where 1 is true. */
    @Test
    void anIgnoredLabelThatWasNamedIsAClassWithZeroOrAsInMmsegmentationNone() {
        var confusion =
                Confusion.ofPixels(List.of(), Set.of(0)).add(new byte[] {1, 1, 2, 2, 0}, new byte[] {1, 0, 2, 2, 2});
        assertThat(confusion.unions()).containsOnlyKeys(0, 1, 2);
        assertThat(confusion.meanUnion()).isEqualTo((0 + 0.5 + 1) / 3);
        assertThat(confusion.meanUnionOfCounted()).isEqualTo((0.5 + 1) / 2);
        assertThat(confusion.accuracy()).isEqualTo(0.75);
    }

    @Test
    void patchesAreCountedAsTheirPixels() {
        byte[] truth = {1, 1, 2, 2, 1, 2};
        byte[] named = {1, 2, 2, 2, 1, 1};
        var ofPatches =
                new PatchLabels(truth, 2).compare(new PatchLabels(named, 2), Confusion.ofPixels(List.of(), Set.of()));
        assertThat(ofPatches.meanUnion())
                .isEqualTo(Confusion.ofPixels(List.of(), Set.of())
                        .add(truth, named)
                        .meanUnion())
                .isEqualTo(0.5);
    }
}
