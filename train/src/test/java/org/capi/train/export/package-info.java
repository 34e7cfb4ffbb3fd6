/** Tests of exports. */
@NullMarked
package org.capi.train.export;

import org.jspecify.annotations.NullMarked;
