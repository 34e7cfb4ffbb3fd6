/** What a diverged training leaves behind, so that its last steps can be repeated and looked at. */
@NullMarked
package org.capi.train.fault;

import org.jspecify.annotations.NullMarked;
