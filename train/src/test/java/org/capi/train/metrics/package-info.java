/** What is asked of the metrics of a run. */
@NullMarked
package org.capi.train.metrics;

import org.jspecify.annotations.NullMarked;
