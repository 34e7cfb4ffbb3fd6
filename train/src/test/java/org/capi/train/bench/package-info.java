/** Tests of what is timed. */
@NullMarked
package org.capi.train.bench;

import org.jspecify.annotations.NullMarked;
