package org.capi.train.config;

/** How a step is computed. */
public record Compute(ComputeType type, Device device, boolean xla, boolean recompute, boolean deterministic) {

    public Compute {
        Rule.check(!recompute, "compute.recompute", "must be false: recomputation is not supported yet", recompute);
        Rule.check(
                !deterministic || device == Device.CPU,
                "compute.deterministic",
                "must be false unless compute.device is cpu: on a GPU it is not supported yet",
                deterministic);
    }
}
