/** Collections that are a text file of paths and labels. */
@NullMarked
package org.capi.data.source.list;

import org.jspecify.annotations.NullMarked;
