/** Collections inside a tar or zip archive, read without unpacking it. */
@NullMarked
package org.capi.data.source.archive;

import org.jspecify.annotations.NullMarked;
