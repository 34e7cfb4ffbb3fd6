/** The checkpoints of a run: written beside and renamed, found again, and thrown away when there are enough. */
@NullMarked
package org.capi.train.checkpoint;

import org.jspecify.annotations.NullMarked;
