/** Tar archives, read member by member. */
@NullMarked
package org.capi.data.source.tar;

import org.jspecify.annotations.NullMarked;
