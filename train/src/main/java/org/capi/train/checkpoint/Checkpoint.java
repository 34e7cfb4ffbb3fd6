package org.capi.train.checkpoint;

import java.nio.file.Path;

/**
 * One complete checkpoint of a run.
 *
 * @param folder its folder, {@code step-0001000}
 * @param step how many updates its weights have seen, which is the number of the step that comes next
 */
public record Checkpoint(Path folder, long step) {

    static final String PREFIX = "model";

    /** What TensorFlow calls the path of a checkpoint: its files' path without their extensions. */
    public Path prefix() {
        return folder.resolve(PREFIX);
    }
}
