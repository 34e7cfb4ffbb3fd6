/** Schedules, AdamW with parameter groups by role, and the exponential moving average of the student. */
@NullMarked
package org.capi.graph.optim;

import org.jspecify.annotations.NullMarked;
