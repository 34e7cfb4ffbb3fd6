package org.capi.train.loop;

import org.capi.train.config.ComputeType;
import org.capi.train.config.Predictor;
import org.capi.train.config.PretrainConfig;
import org.capi.train.config.Targets;

/**
 * How much memory a step needs, by rules of thumb: the variables and gradients are counted, activations by the ops of a
 * block, and what an update and the graph hold besides as measured. Held against peaks of two sizes of model on a CPU, in
 * both compute types, in micro-batches and with recomputation, it was off by 30 % at most, and mostly too low: see
 * train/PERFORMANCE.md. It was not held against the memory of a GPU, nor against larger models.
 *
 * @param state bytes of the variables
 * @param work bytes of gradients, updates, features, assignments, activations where they are most, and the graph
 */
record MemoryEstimate(long state, long work) {

    /** Numbers of the compute type for each token and channel of a block that its backward pass finds. */
    private static final double KEPT = 30;
    /** Numbers of the compute type for each token and channel of a block that only goes forward. */
    private static final double FORWARD = 14;
    /** Float32 numbers for each pair of a query and a key, for each head. */
    private static final double SCORES = 3;
    /** Matrices of the size of a chunk of logits that the clustering holds at once. */
    private static final double LOGITS = 5;

    /** Float32 numbers for each number of the student: its gradient, and what an update holds before it is written. */
    private static final double UPDATED = 4;
    /** Of the graph itself, for a block in all the places where it is. */
    private static final double BLOCK_BYTES = 12 << 20;

    private static final double CHUNK_BYTES = 128 << 20;
    private static final double MOST_CHUNKS = 32;

    /**
     * For a configuration.
     *
     * @param student the numbers of the student
     * @param state bytes of all variables
     */
    static MemoryEstimate of(PretrainConfig config, long student, long state) {
        var model = config.model();
        int width = config.compute().type() == ComputeType.FLOAT32 ? Float.BYTES : Short.BYTES;
        double batch = config.optim().batchSize();
        double images = batch / config.optim().microBatches();
        int patches = config.patches();
        double seen = patches - config.data().masked(patches) + model.registers();
        double predicted = config.data().predicted(patches);
        double kept = images * (1 - model.stochasticDepth());
        double all = seen + predicted;
        double encoded = model.predictor() == Predictor.FUSED ? all : seen;
        double asked = model.predictor() == Predictor.SELF_ATTENTION ? all : predicted;
        double attended = model.predictor() == Predictor.SELF_ATTENTION ? all : seen;
        double encoder = block(kept, encoded, encoded, model.dim(), model.heads(), KEPT, width);
        double predictor = block(kept, asked, attended, model.predictorDim(), model.predictorHeads(), KEPT, width);
        if (model.predictor() == Predictor.CROSS_ATTENTION) {
            predictor += kept * seen * model.predictorDim() * KEPT / 5 * width; // keys and values of the context
        }
        double inputs = images
                * width
                * (encoded * model.dim() * model.depth() + asked * model.predictorDim() * model.predictorDepth());
        double studied = config.compute().recompute()
                ? inputs + Math.max(encoder, predictor)
                : encoder * model.depth() + predictor * model.predictorDepth();
        double whole = patches + model.registers();
        boolean ofPixels = config.capi().targets() == Targets.PIXELS;
        double taught = ofPixels ? 0 : block(images, whole, whole, model.dim(), model.heads(), FORWARD, width);
        double features = ofPixels ? 3.0 * model.patchSize() * model.patchSize() : model.dim();
        boolean assigns = config.capi().objective().assigns();
        double logits = assigns ? Float.BYTES * batch * patches * config.capi().prototypes() : 0;
        double chunk = Math.min(logits, Math.max(CHUNK_BYTES, logits / MOST_CHUNKS));
        double pixels = 3.0
                * config.data().imageSize().height()
                * config.data().imageSize().width();
        double always = batch * pixels * (1 + Float.BYTES)
                + batch * patches * features * width
                + batch * predicted * (assigns ? config.capi().prototypes() : features) * Float.BYTES;
        double update = (double) student * (UPDATED * Float.BYTES + (width < Float.BYTES ? width : 0));
        double most = Math.max(taught, Math.max(chunk * LOGITS, update + studied));
        double graph = BLOCK_BYTES * (model.depth() + model.predictorDepth());
        return new MemoryEstimate(state, Math.round(always + most + graph));
    }

    /** Of a block for queries that see keys. */
    private static double block(
            double images, double queries, double keys, double dim, double heads, double numbers, int width) {
        return images * queries * (numbers * dim * width + SCORES * heads * keys * Float.BYTES);
    }

    /** All of it. */
    long total() {
        return state + work;
    }
}
