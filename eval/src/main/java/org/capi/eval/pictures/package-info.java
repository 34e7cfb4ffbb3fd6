/** Pictures of what an encoder sees. */
@NullMarked
package org.capi.eval.pictures;

import org.jspecify.annotations.NullMarked;
