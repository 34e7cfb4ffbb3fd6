/** What tests of several packages share. */
@NullMarked
package org.capi.train;

import org.jspecify.annotations.NullMarked;
