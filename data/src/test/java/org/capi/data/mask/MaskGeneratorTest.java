package org.capi.data.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.capi.data.CounterRandom;
import org.capi.data.mask.MaskGenerator.BlockMask;
import org.capi.data.mask.MaskGenerator.Edges;
import org.capi.data.mask.MaskGenerator.InverseBlockMask;
import org.capi.data.mask.MaskGenerator.MaskCounts;
import org.capi.data.mask.MaskGenerator.UniformMask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MaskGeneratorTest {

    static Stream<MaskGenerator> generators() {
        return Stream.of(
                new UniformMask(),
                new BlockMask(0.5, Edges.INSIDE),
                new BlockMask(0.5, Edges.ROLLED),
                new InverseBlockMask(0.5, Edges.INSIDE),
                new InverseBlockMask(0.5, Edges.ROLLED));
    }

    @ParameterizedTest
    @MethodSource("generators")
    void exactlyTheAskedNumberOfPatchesIsMaskedOnAnyGrid(MaskGenerator generator) {
        for (int rows = 2; rows < 9; rows++) {
            for (int columns = 2; columns < 9; columns++) {
                for (int masked = 1; masked < rows * columns; masked++) {
                    if (!possible(generator, rows, columns, masked)) {
                        continue;
                    }
                    boolean[] mask = generator.draw(rows, columns, masked, CounterRandom.of(rows, columns, masked));
                    assertThat(IntStream.range(0, mask.length).filter(i -> mask[i]))
                            .hasSize(masked);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("generators")
    void theSameDrawsGiveTheSameMask(MaskGenerator generator) {
        assertThat(generator.draw(14, 14, 127, CounterRandom.of(4)))
                .isEqualTo(generator.draw(14, 14, 127, CounterRandom.of(4)))
                .isNotEqualTo(generator.draw(14, 14, 127, CounterRandom.of(5)));
    }

    @Test
    void aBlockOfNothingIsEmpty() {
        assertThat(new BlockMask(0.5, Edges.ROLLED).draw(3, 3, 0, CounterRandom.of(1)))
                .doesNotContain(true);
    }

    @Test
    void allPatchesCannotBeMasked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new UniformMask().check(4, 4, 16))
                .withMessage("mask uniform: between 0 and 15 patches of a 4 x 4 grid can be masked, not 16");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BlockMask(0.5, Edges.ROLLED).check(4, 4, 16))
                .withMessageStartingWith("mask block: between 0 and 15 patches");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new InverseBlockMask(0.5, Edges.ROLLED).check(4, 4, 0))
                .withMessageStartingWith("mask inverse_block: between 1 and 15 patches");
    }

    @Test
    void aRectangleThatNoAllowedAspectFitsIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BlockMask(0.5, Edges.INSIDE).check(8, 32, 200))
                .withMessage(
                        "mask block: no rectangle of 200 patches with an aspect of 0.5 to 2.0 fits into the grid of"
                                + " 8 x 32");
        new BlockMask(0.1, Edges.INSIDE).check(8, 32, 200);
    }

    @Test
    void anAspectBoundOutsideItsRangeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new InverseBlockMask(1.5, Edges.ROLLED))
                .withMessage("min_aspect must be above 0 and at most 1, was 1.5");
    }

    @Test
    void countsThatLeaveNothingToPredictAreRefused() {
        assertThat(MaskCounts.forTraining(256, 0.65, 0.05)).isEqualTo(new MaskCounts(256, 166, 8));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MaskCounts.forTraining(16, 0.65, 0.05))
                .withMessageContaining("of 16 patches 10 are masked and 0 of those predicted");
    }

    private static boolean possible(MaskGenerator generator, int rows, int columns, int masked) {
        try {
            generator.check(rows, columns, masked);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
