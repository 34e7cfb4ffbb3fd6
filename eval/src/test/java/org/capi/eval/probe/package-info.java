/** Tests of the probes. */
@NullMarked
package org.capi.eval.probe;

import org.jspecify.annotations.NullMarked;
