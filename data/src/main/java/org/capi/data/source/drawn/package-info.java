/** The embedded set of drawings. */
@NullMarked
package org.capi.data.source.drawn;

import org.jspecify.annotations.NullMarked;
