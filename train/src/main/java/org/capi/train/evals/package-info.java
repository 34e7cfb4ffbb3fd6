/** Evaluations of a run while it goes on, each in a process of its own that can take neither its memory nor its life. */
@NullMarked
package org.capi.train.evals;

import org.jspecify.annotations.NullMarked;
