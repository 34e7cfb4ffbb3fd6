package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Locale;

/** A kind of file that weights are written to, chosen by the end of its name. */
enum WeightFormat {
    TORCH {
        @Override
        void write(NamedTensors tensors, FileChannel file) throws IOException {
            TorchWriter.write(tensors, file);
        }
    },
    SAFETENSORS {
        @Override
        void write(NamedTensors tensors, FileChannel file) throws IOException {
            SafetensorsWriter.write(tensors, file);
        }
    };

    static WeightFormat of(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".pth") || name.endsWith(".pt")) {
            return TORCH;
        }
        if (name.endsWith(".safetensors")) {
            return SAFETENSORS;
        }
        throw new IllegalArgumentException(
                "a file of weights must end in .pth, .pt or .safetensors, was " + file.getFileName());
    }

    abstract void write(NamedTensors tensors, FileChannel file) throws IOException;
}
