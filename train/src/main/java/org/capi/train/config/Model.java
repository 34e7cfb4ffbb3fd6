package org.capi.train.config;

/** The sizes of the encoder and the predictor. */
public record Model(
        int patchSize,
        int dim,
        int depth,
        int heads,
        int registers,
        RegisterCoordinates registerCoordinates,
        boolean scaleRegistersToVisible,
        Positions positions,
        Predictor predictor,
        int predictorDim,
        int predictorDepth,
        double stochasticDepth,
        StochasticDepthKind stochasticDepthKind) {

    public Model {
        Rule.atLeast("model.patch_size", 1, patchSize);
        Rule.atLeast("model.dim", 1, dim);
        Rule.atLeast("model.depth", 1, depth);
        Rule.atLeast("model.heads", 1, heads);
        Rule.check(dim % heads == 0, "model.heads", "must divide model.dim, which is " + dim, heads);
        Rule.check(
                dim / heads % 4 == 0,
                "model.heads",
                "must leave each head a width divisible by 4 (model.dim is " + dim + ")",
                heads);
        Rule.atLeast("model.registers", 0, registers);
        Rule.check(
                registerCoordinates != RegisterCoordinates.EDGE || registers % 4 == 0,
                "model.registers",
                "must be divisible by 4 when model.register_coordinates is edge",
                registers);
        Rule.atLeast("model.predictor_dim", 1, predictorDim);
        Rule.check(
                predictorDim % (dim / heads) == 0,
                "model.predictor_dim",
                "must be divisible by the width of the encoder's heads, which is " + dim / heads,
                predictorDim);
        if (predictor == Predictor.FUSED) {
            String why = " when model.predictor is fused, which is the encoder itself";
            Rule.check(
                    predictorDim == dim, "model.predictor_dim", "must be model.dim, " + dim + "," + why, predictorDim);
            Rule.check(predictorDepth == 0, "model.predictor_depth", "must be 0" + why, predictorDepth);
        } else {
            Rule.atLeast("model.predictor_depth", 1, predictorDepth);
        }
        Rule.belowOne("model.stochastic_depth", stochasticDepth);
    }

    /** The width of one attention head, in the encoder and in the predictor. */
    public int headDim() {
        return dim / heads;
    }

    /** The number of the predictor's heads, which are as wide as the encoder's. */
    public int predictorHeads() {
        return predictorDim / headDim();
    }
}
