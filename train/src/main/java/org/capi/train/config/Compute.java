package org.capi.train.config;

/** How a step is computed. */
public record Compute(ComputeType type, Device device, Xla xla, boolean recompute, boolean deterministic) {

    public Compute {
        Rule.check(
                !deterministic || device == Device.CPU,
                "compute.deterministic",
                "must be false unless compute.device is cpu: on a GPU it is not supported yet",
                deterministic);
    }
}
