package org.capi.graph.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.capi.graph.pretrain.TrainStepTest.assertSame;
import static org.capi.graph.pretrain.TrainStepTest.assertSameVariables;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.capi.graph.pretrain.ExecutionPlan.Recompute;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.OptimizerOptions.GlobalJitLevel;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;

/** The step as one function that XLA compiles. */
class CompiledStepTest {

    /** Without Grappler, which makes ops within the function that XLA does not know. */
    static final ConfigProto SETTINGS = settings();

    /** Clusters of ops that XLA finds, on a CPU too. */
    static final ConfigProto CLUSTERS = clusters();

    /** XLA compiles all of these, and none makes a GPU wait for the host. */
    private static final Set<String> ALLOWED = Set.of(
            "Abs",
            "Add",
            "AddN",
            "All",
            "AssignVariableOp",
            "BiasAdd",
            "BiasAddGrad",
            "BroadcastGradientArgs",
            "BroadcastTo",
            "Cast",
            "ConcatOffset",
            "ConcatV2",
            "Const",
            "Cos",
            "Div",
            "DivNoNan",
            "DynamicStitch",
            "Einsum",
            "Equal",
            "Erf",
            "Exp",
            "ExpandDims",
            "Fill",
            "FloorDiv",
            "FloorMod",
            "Gather",
            "GatherV2",
            "GreaterEqual",
            "Identity",
            "IdentityN",
            "InvertPermutation",
            "IsFinite",
            "Less",
            "Log",
            "LogSoftmax",
            "LogicalAnd",
            "LogicalNot",
            "MatMul",
            "Max",
            "Maximum",
            "Mean",
            "Min",
            "Minimum",
            "Mod",
            "Mul",
            "Neg",
            "NoOp",
            "OnesLike",
            "Pack",
            "Pow",
            "Prod",
            "Range",
            "ReadVariableOp",
            "Reciprocal",
            "Reshape",
            "Rsqrt",
            "RsqrtGrad",
            "Select",
            "SelectV2",
            "Shape",
            "ShapeN",
            "Sin",
            "Size",
            "Slice",
            "Softmax",
            "Split",
            "Sqrt",
            "SqrtGrad",
            "Square",
            "Squeeze",
            "StopGradient",
            "StridedSlice",
            "Sub",
            "Sum",
            "Tile",
            "Transpose",
            "Unpack",
            "Xlogy",
            "ZerosLike");

    @TempDir
    private Path folder;

    private static ConfigProto settings() {
        var settings = ConfigProto.newBuilder();
        settings.getGraphOptionsBuilder().getRewriteOptionsBuilder().setDisableMetaOptimizer(true);
        return settings.build();
    }

    private static ConfigProto clusters() {
        var settings = ConfigProto.newBuilder();
        settings.getGraphOptionsBuilder()
                .getOptimizerOptionsBuilder()
                .setGlobalJitLevel(GlobalJitLevel.ON_2)
                .setCpuGlobalJit(true);
        return settings.build();
    }

    @Test
    void itHasOnlyOpsThatXlaCompilesAndNoneThatMakesTheHostWait() {
        for (var plan : List.of(
                ExecutionPlan.PLAIN, new ExecutionPlan(2, Recompute.GELU), new ExecutionPlan(2, Recompute.BLOCKS))) {
            try (TinyStep<TBfloat16> step = TinyStep.compiled(TBfloat16.class, 0.4, plan)) {
                var functions = step.definition().getLibrary().getFunctionList();
                assertThat(functions).hasSize(1);
                Set<String> ops = new TreeSet<>();
                functions.get(0).getNodeDefList().forEach(node -> ops.add(node.getOp()));
                assertThat(ALLOWED).containsAll(ops);
            }
        }
    }

    @Test
    @Tag("slow")
    void itMakesTheSameStepWithTheSameDrops() {
        for (var plan : List.of(
                ExecutionPlan.PLAIN, new ExecutionPlan(2, Recompute.GELU), new ExecutionPlan(2, Recompute.BLOCKS))) {
            try (TinyStep<TFloat32> expected = new TinyStep<>(TFloat32.class, 0.4, plan);
                    TinyStep<TFloat32> actual = TinyStep.compiled(TFloat32.class, 0.4, plan)) {
                StepStatistics metrics = expected.run(3, 1);
                assertSame(actual.run(3, 1), metrics);
                assertSameVariables(actual, expected.variables());
            }
        }
    }

    @Test
    void whatIsNotFiniteChangesNothingAndARestoredStepContinuesBitExact() {
        Path prefix = folder.resolve("model");
        float[][] straight;
        try (TinyStep<TBfloat16> step = TinyStep.compiled(TBfloat16.class, 0.4, ExecutionPlan.PLAIN)) {
            step.run(0, 1);
            step.file(step.graph().files().save(), prefix);
            float[][] before = step.variables();
            StepStatistics refused = step.run(1, Float.NaN);
            assertThat(refused.updated()).isFalse();
            assertThat(refused.updateRatio()).isZero();
            assertThat(step.variables()).isEqualTo(before);
            assertThat(step.run(1, 1).updateRatio()).isPositive();
            straight = step.variables();
            step.file(step.graph().files().restore(), prefix);
            assertThat(step.variables()).isEqualTo(before);
            step.run(1, 1);
            assertThat(step.variables()).isEqualTo(straight);
        }
    }
}
