package org.capi.train.loop;

import org.capi.data.batch.BatchSettings;
import org.capi.graph.pretrain.StepConfig;
import org.capi.graph.vit.VitConfig;
import org.capi.train.config.PretrainConfig;

/** What a configuration means to the step graph and to the stream of batches. */
public record Recipe(PretrainConfig config) {

    /** The sizes of the encoder and its predictor. */
    public VitConfig vit() {
        return config.vit();
    }

    /** What one step computes, in one stream. */
    public StepConfig step() {
        return config.step();
    }

    /** The images, crops and masks of the run. */
    public BatchSettings batches() {
        return config.batches();
    }
}
