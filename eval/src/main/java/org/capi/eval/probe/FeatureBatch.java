package org.capi.eval.probe;

import org.capi.eval.features.Representation;
import org.tensorflow.types.TFloat32;

/** The features of a batch of images. */
@FunctionalInterface
interface FeatureBatch {

    /** Those of one representation, as a probe takes them; the caller closes the tensor. */
    TFloat32 tensor(Representation representation);
}
