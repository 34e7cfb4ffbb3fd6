package org.capi.savedmodels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NameAttrList;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.types.TFloat32;

class AllowedOpsTest {

    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = folder.resolve("model");
        ToyEncoder.write(model, 10, "global", "registers", "feature_map");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ReadFile",
                "WriteFile",
                "MatchingFiles",
                "PyFunc",
                "PyFuncStateless",
                "EagerPyFunc",
                "TFRecordDataset",
                "TextLineDataset",
                "FixedLengthRecordDatasetV2",
                "DataServiceDatasetV4",
                "SaveDatasetV2",
                "TFRecordReaderV2",
                "WholeFileReaderV2",
                "InitializeTableFromTextFileV2",
                "ImmutableConst",
                "DecodeProtoV2",
                "FixedUnigramCandidateSampler",
                "LoadAndRemapMatrix",
                "GenerateVocabRemapping",
                "RecordInput",
                "Skipgram",
                "DebugIdentity",
                "DebugIdentityV3",
                "CopyHost",
                "RpcCall",
                "RemoteCall",
                "FileSystemSetConfiguration",
                "XlaHostCompute",
                "XlaCustomCallV2",
                "TfLiteSubgraphExecute",
                "Abort",
                "QueueDequeueV2",
                "SaveV2",
                "RestoreV2",
                "MergeV2Checkpoints",
                "Addons>MyOwnOp"
            })
    void anOperationThatCouldDoMoreThanComputeIsRefusedByItsName(String op) throws IOException {
        change(graph -> graph.addNode(node("x", op)));
        assertRefused("its node 'x' is the operation " + op + "; image encoders need none and it may reach files or the"
                + " host");
    }

    @Test
    void soIsOneInAFunctionThatOneOfAFunctionCalls() throws IOException {
        change(graph -> {
            graph.addNode(node("call", "StatefulPartitionedCall").toBuilder().putAttr("f", call("outer")));
            graph.getLibraryBuilder()
                    .addFunction(function(
                            "outer",
                            node("branch", "If").toBuilder()
                                    .putAttr("then_branch", call("inner"))
                                    .build()))
                    .addFunction(function("inner", node("read", "ReadFile")));
        });
        assertRefused(
                "its node 'read' in the function 'inner' is the operation ReadFile; image encoders need none and it"
                        + " may reach files or the host");
    }

    @Test
    void aFunctionUnderAnOperationsNameHidesNothing() throws IOException {
        change(graph -> {
            graph.addNode(node("read", "ReadFile").toBuilder().addInput("saver/prefix"));
            graph.getLibraryBuilder().addFunction(function("ReadFile"));
        });
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.load(model).close())
                .withMessageContaining("ReadFile");
    }

    @Test
    void printingIsAllowedToTheConsoleOnly() throws IOException {
        change(graph -> graph.addNode(print("log(info)")));
        try (var encoder = VisionEncoder.load(model);
                var images = TFloat32.tensorOf(Shape.of(1, 4, 4, 3))) {
            assertThat(encoder.encode(images).registers().getFloat(0, 0, 2)).isEqualTo(3f);
        }
        change(graph -> graph.setNode(graph.getNodeCount() - 1, print("file:///tmp/log")));
        assertRefused("its node 'say' is the operation PrintV2; image encoders need none and it may reach files or the"
                + " host");
    }

    @Test
    void theSaverReadsNothingButTheVariables() throws IOException {
        change(graph -> {
            graph.addNode(node("elsewhere", "Const"));
            for (int i = 0; i < graph.getNodeCount(); i++) {
                if (graph.getNode(i).getOp().equals("RestoreV2")) {
                    graph.getNodeBuilder(i).setInput(0, "elsewhere");
                }
            }
        });
        assertRefused("its node 'saver/restore' is the operation RestoreV2; it reads other files than the model's"
                + " variables");
    }

    @Test
    void nothingIsWrittenWhenAModelIsLoaded() throws IOException {
        change(graph -> {
            for (int i = 0; i < graph.getNodeCount(); i++) {
                if (graph.getNode(i).getName().equals("saver/restore_all")) {
                    graph.getNodeBuilder(i).addInput("^saver/save");
                }
            }
        });
        assertRefused(
                "its node 'saver/save' is the operation SaveV2; image encoders need none and it may reach files or"
                        + " the host");
    }

    @Test
    void aNameOfControlCharactersIsPrintable() throws IOException {
        change(graph -> graph.addNode(node("x\u001b[31m\n" + "y".repeat(100), "ReadFile")));
        assertRefused("its node 'x?[31m?" + "y".repeat(73)
                + "...' is the operation ReadFile; image encoders need none and it may reach files or the host");
    }

    private void assertRefused(String how) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.load(model).close())
                .withMessage("the SavedModel " + model + " is not loaded: " + how);
    }

    /** A change of a model's graph. */
    @FunctionalInterface
    private interface Change {
        void of(GraphDef.Builder graph);
    }

    private void change(Change change) throws IOException {
        Path file = model.resolve("saved_model.pb");
        var saved = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
        MetaGraphDef.Builder meta = saved.getMetaGraphsBuilder(0);
        change.of(meta.getGraphDefBuilder());
        Files.write(file, saved.build().toByteArray());
    }

    private static NodeDef node(String name, String op) {
        return NodeDef.newBuilder().setName(name).setOp(op).build();
    }

    private static NodeDef print(String stream) {
        return node("say", "PrintV2").toBuilder()
                .addInput("saver/prefix")
                .putAttr("output_stream", string(stream))
                .putAttr("end", string("\n"))
                .build();
    }

    private static AttrValue string(String value) {
        return AttrValue.newBuilder().setS(ByteString.copyFromUtf8(value)).build();
    }

    private static AttrValue call(String name) {
        return AttrValue.newBuilder()
                .setFunc(NameAttrList.newBuilder().setName(name))
                .build();
    }

    private static FunctionDef function(String name, NodeDef... nodes) {
        var function = FunctionDef.newBuilder().setSignature(OpDef.newBuilder().setName(name));
        for (NodeDef node : nodes) {
            function.addNodeDef(node);
        }
        return function.build();
    }
}
