/** Tests of the pictures. */
@NullMarked
package org.capi.eval.pictures;

import org.jspecify.annotations.NullMarked;
