/** Lists of evaluations of one or several models, and the page that shows what came of them. */
@NullMarked
package org.capi.eval.recipe;

import org.jspecify.annotations.NullMarked;
