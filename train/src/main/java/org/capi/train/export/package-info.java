/** SavedModels from the checkpoints of a run. */
@NullMarked
package org.capi.train.export;

import org.jspecify.annotations.NullMarked;
