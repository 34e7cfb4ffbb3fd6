/** Tests of rows of features and their standardisation. */
@NullMarked
package org.capi.eval.rows;

import org.jspecify.annotations.NullMarked;
