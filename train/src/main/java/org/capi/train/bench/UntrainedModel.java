package org.capi.train.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.VariableFile;
import org.capi.graph.VariableFile.Variable;
import org.capi.graph.vit.VisionTransformer;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.Export;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** An exported encoder whose weights are its first random ones: as fast as a trained one. */
public record UntrainedModel(VitConfig config, long seed) {

    /** Writes the model below a folder that exists, and returns where it is. */
    public Path write(Path folder) throws IOException {
        Path checkpoint = folder.resolve("weights");
        try (Graph graph = new Graph();
                TString prefix = TString.scalarOf(checkpoint.toString())) {
            Ops tf = Ops.create(graph);
            var params = Parameters.create(tf, TFloat32.class, seed);
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
        }
        Path model = folder.resolve("model");
        Export.encoder(config, checkpoint, "", Map.of("weights", "random"), model);
        return model;
    }
}
