/** Throughput of one part at a time, warm-up excluded. */
@NullMarked
package org.capi.train.bench;

import org.jspecify.annotations.NullMarked;
