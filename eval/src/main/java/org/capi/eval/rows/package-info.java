/** Rows of features that may be more than memory holds, and how they are standardised. */
@NullMarked
package org.capi.eval.rows;

import org.jspecify.annotations.NullMarked;
