package org.capi.train.config;

import java.util.List;

/** The steps, the two AdamW optimizers, and the start, base and final value of each schedule. */
public record Optim(
        int totalSteps,
        int batchSize,
        int microBatches,
        int warmupSteps,
        double cosineTruncation,
        double learningRateStart,
        double learningRate,
        double learningRateFinal,
        double clusteringLearningRateStart,
        double clusteringLearningRate,
        double clusteringLearningRateFinal,
        double momentumStart,
        double momentum,
        double momentumFinal,
        List<Double> betas,
        double epsilon,
        double weightDecay,
        double clusteringWeightDecay,
        double patchEmbedLrMultiplier,
        double normWeightDecayMultiplier) {

    public Optim {
        Rule.atLeast("optim.total_steps", 1, totalSteps);
        Rule.atLeast("optim.batch_size", 1, batchSize);
        Rule.atLeast("optim.micro_batches", 1, microBatches);
        Rule.check(
                batchSize % microBatches == 0,
                "optim.micro_batches",
                "must divide optim.batch_size, which is " + batchSize,
                microBatches);
        Rule.atLeast("optim.warmup_steps", 0, warmupSteps);
        Rule.check(
                warmupSteps <= totalSteps,
                "optim.warmup_steps",
                "must not exceed optim.total_steps, which is " + totalSteps,
                warmupSteps);
        Rule.fraction("optim.cosine_truncation", cosineTruncation);
        Rule.notNegative("optim.learning_rate_start", learningRateStart);
        Rule.positive("optim.learning_rate", learningRate);
        Rule.notNegative("optim.learning_rate_final", learningRateFinal);
        Rule.notNegative("optim.clustering_learning_rate_start", clusteringLearningRateStart);
        Rule.positive("optim.clustering_learning_rate", clusteringLearningRate);
        Rule.notNegative("optim.clustering_learning_rate_final", clusteringLearningRateFinal);
        Rule.fraction("optim.momentum_start", momentumStart);
        Rule.fraction("optim.momentum", momentum);
        Rule.fraction("optim.momentum_final", momentumFinal);
        betas = List.copyOf(betas);
        Rule.check(betas.size() == 2, "optim.betas", "must be a list of two numbers", betas);
        Rule.belowOne("optim.betas[0]", betas.get(0));
        Rule.belowOne("optim.betas[1]", betas.get(1));
        Rule.positive("optim.epsilon", epsilon);
        Rule.notNegative("optim.weight_decay", weightDecay);
        Rule.notNegative("optim.clustering_weight_decay", clusteringWeightDecay);
        Rule.notNegative("optim.patch_embed_lr_multiplier", patchEmbedLrMultiplier);
        Rule.notNegative("optim.norm_weight_decay_multiplier", normWeightDecayMultiplier);
    }

    /** How slowly AdamW's mean of the gradients moves. */
    public double beta1() {
        return betas.get(0);
    }

    /** How slowly AdamW's mean of the squared gradients moves. */
    public double beta2() {
        return betas.get(1);
    }
}
