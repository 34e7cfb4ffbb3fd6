package org.capi.savedmodels.toy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.VariableFile;
import org.capi.graph.VariableFile.Variable;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VisionTransformer;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.Export;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** An exported encoder with random weights. */
public final class RandomModel {

    /** A small one with patches of 4 x 4 pixels. */
    public static final VitConfig SMALL = new VitConfig(4, 16, 2, 2, 4, Registers.Coordinates.EDGE, true, 24, 2);

    private RandomModel() {}

    /**
     * Writes the checkpoint {@code weights} and the SavedModel {@code model} below a folder; returns the weights'
     * bytes.
     */
    public static long write(VitConfig config, Path folder) throws IOException {
        return write(config, folder, Map.of());
    }

    /** As {@link #write(VitConfig, Path)}, with facts such as {@link Export#IMAGE_SIZE}. */
    public static long write(VitConfig config, Path folder, Map<String, String> origin) throws IOException {
        Path checkpoint = folder.resolve("weights");
        long numbers;
        try (Graph graph = new Graph();
                TString prefix = TString.scalarOf(checkpoint.toString())) {
            Ops tf = Ops.create(graph);
            var params = Parameters.create(tf, TFloat32.class, 1);
            VisionTransformer.create(params, config);
            List<Variable> variables =
                    params.list().stream().map(Parameter::variable).toList();
            var file = VariableFile.create(tf, variables);
            try (Session session = new Session(graph)) {
                session.runner().addTarget(file.initialize()).run().close();
                session.runner()
                        .feed(file.prefix(), prefix)
                        .addTarget(file.save())
                        .run()
                        .close();
            }
            numbers = params.count();
        }
        Export.encoder(config, checkpoint, "", origin, folder.resolve("model"));
        return numbers * Float.BYTES;
    }
}
