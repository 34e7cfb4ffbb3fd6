/** Tests of the search for the nearest rows. */
@NullMarked
package org.capi.eval.search;

import org.jspecify.annotations.NullMarked;
