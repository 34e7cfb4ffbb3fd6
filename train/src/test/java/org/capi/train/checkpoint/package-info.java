/** Tests of checkpoints. */
@NullMarked
package org.capi.train.checkpoint;

import org.jspecify.annotations.NullMarked;
