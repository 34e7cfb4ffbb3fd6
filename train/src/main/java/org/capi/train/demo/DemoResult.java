package org.capi.train.demo;

/**
 * What a demo came to.
 *
 * @param run its folder
 * @param trainedTop1 k-NN accuracy of the exported model's {@code avg_patch}
 * @param untrainedTop1 the same of the model before its first step
 * @param pixelsTop1 the same of the images themselves
 * @param chance of naming the right class blindly
 * @param steps of pretraining
 * @param dataWaitShare the share of the training time that was spent waiting for batches
 * @param seconds that all of it took
 * @param report the page to look at
 */
public record DemoResult(
        String run,
        double trainedTop1,
        double untrainedTop1,
        double pixelsTop1,
        double chance,
        long steps,
        double dataWaitShare,
        double seconds,
        String report) {}
