/** One page that shows a dataset: its classes and sizes, what was left out, and what training sees of it. */
@NullMarked
package org.capi.train.inspect;

import org.jspecify.annotations.NullMarked;
