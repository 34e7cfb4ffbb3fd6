/** What a run says of its progress: a line of JSON for every step, and a line on the console now and then. */
@NullMarked
package org.capi.train.metrics;

import org.jspecify.annotations.NullMarked;
