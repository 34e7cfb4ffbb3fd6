/** Tests of recipes. */
@NullMarked
package org.capi.eval.recipe;

import org.jspecify.annotations.NullMarked;
