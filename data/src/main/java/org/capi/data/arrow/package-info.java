/** The dataset on disk: a folder per split, each with memory-mapped Arrow IPC shards and a dataset.json. */
@NullMarked
package org.capi.data.arrow;

import org.jspecify.annotations.NullMarked;
