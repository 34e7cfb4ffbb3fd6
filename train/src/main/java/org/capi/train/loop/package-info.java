/** The pretraining loop: next batch, one run of the step graph, metrics, checkpoints; nothing else. */
@NullMarked
package org.capi.train.loop;

import org.jspecify.annotations.NullMarked;
