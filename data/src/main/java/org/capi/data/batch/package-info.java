/** From a dataset to ready batches: seeded order, worker threads, a bounded queue. */
@NullMarked
package org.capi.data.batch;

import org.jspecify.annotations.NullMarked;
