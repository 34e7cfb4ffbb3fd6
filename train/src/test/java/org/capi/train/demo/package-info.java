/** Tests of the demo. */
@NullMarked
package org.capi.train.demo;

import org.jspecify.annotations.NullMarked;
