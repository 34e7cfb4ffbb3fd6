/** The training loop: next batch, one run of the step, its metrics. */
@NullMarked
package org.capi.train.loop;

import org.jspecify.annotations.NullMarked;
