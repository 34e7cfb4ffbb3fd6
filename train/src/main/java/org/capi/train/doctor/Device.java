package org.capi.train.doctor;

/** A device that TensorFlow can compute on. */
public record Device(String name, String type, long memoryBytes) {

    boolean isGpu() {
        return type.equals("GPU");
    }
}
