package org.capi.savedmodels.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.capi.golden.NpyArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;

class NpyFileTest {

    @TempDir
    Path folder;

    @Test
    void anArrayIsReadBackAsItWasWritten() throws IOException {
        float[] values = {1, -2, 3.5f, 4e-9f, 5e9f, 6};
        NpyFile.write(folder.resolve("a.npy"), NdArrays.wrap(Shape.of(3, 1, 2), DataBuffers.of(values)));
        NpyArray read = NpyArray.read(folder.resolve("a.npy"));
        assertThat(read.shape()).containsExactly(3, 1, 2);
        assertThat(read.floats()).containsExactly(values);
    }
}
