package org.capi.graph.pretrain;

import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.vit.Encoder;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** What whole images say of each patch, from which targets are made. */
sealed interface TargetFeatures<T extends TFloating> permits TeacherPass, PixelFeatures {

    /**
     * Those of a configuration.
     *
     * @param average the moving average of the student's encoder
     * @param frozen where an encoder is declared that nothing changes
     */
    static <T extends TFloating> TargetFeatures<T> create(StepConfig config, Encoder<T> average, Parameters<T> frozen) {
        int parts = config.memory().microBatches();
        return switch (config.pretext().source()) {
            case AVERAGE -> new TeacherPass<>(average, parts, config.lanes());
            case FROZEN -> new TeacherPass<>(Encoder.create(frozen, config.vit()), parts, config.lanes());
            case PIXELS -> new PixelFeatures<>(config.vit().patchSize(), frozen.type());
        };
    }

    /** Of every patch of normalised images {@code [batch, height, width, 3]}. */
    Described<T> apply(Ops tf, Operand<TFloat32> images);

    /**
     * Features, and how far they are.
     *
     * @param features {@code [positions, batch, width]}
     * @param halfway what is there when about half of the work is done; empty if that is little
     */
    record Described<T extends TFloating>(Operand<T> features, List<Operand<T>> halfway) {
        /** Keeps an unmodifiable copy. */
        public Described {
            halfway = List.copyOf(halfway);
        }
    }
}
