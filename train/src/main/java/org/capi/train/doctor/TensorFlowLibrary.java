package org.capi.train.doctor;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tensorflow.TensorFlow;
import org.tensorflow.internal.c_api.TFE_Context;
import org.tensorflow.internal.c_api.TFE_ContextOptions;
import org.tensorflow.internal.c_api.TF_DeviceList;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.global.tensorflow;

/**
 * TensorFlow as it loads here.
 *
 * @param version its version, or null when it does not load
 * @param builtForGpu whether it is the build for CUDA
 * @param failure why it does not load, or null
 */
public record TensorFlowLibrary(
        @Nullable String version,
        boolean builtForGpu,
        List<Device> devices,
        @Nullable String failure) {

    private static final String GPU_BUILD = "/org/tensorflow/internal/c_api/linux-x86_64-gpu/libjnitensorflow.so";

    static TensorFlowLibrary load() {
        boolean builtForGpu = TensorFlow.class.getResource(GPU_BUILD) != null;
        try {
            return new TensorFlowLibrary(TensorFlow.version(), builtForGpu, listDevices(), null);
        } catch (LinkageError e) {
            return new TensorFlowLibrary(null, builtForGpu, List.of(), String.valueOf(e.getMessage()));
        }
    }

    private static List<Device> listDevices() {
        List<Device> devices = new ArrayList<>();
        try (var status = TF_Status.newStatus();
                var options = TFE_ContextOptions.newContextOptions();
                var context = TFE_Context.newContext(options, status)) {
            status.throwExceptionIfNotOK();
            TF_DeviceList list = tensorflow.TFE_ContextListDevices(context, status);
            status.throwExceptionIfNotOK();
            for (int i = 0; i < tensorflow.TF_DeviceListCount(list); i++) {
                devices.add(new Device(
                        tensorflow.TF_DeviceListName(list, i, status).getString(),
                        tensorflow.TF_DeviceListType(list, i, status).getString(),
                        tensorflow.TF_DeviceListMemoryBytes(list, i, status)));
            }
            tensorflow.TF_DeleteDeviceList(list);
        }
        return List.copyOf(devices);
    }
}
