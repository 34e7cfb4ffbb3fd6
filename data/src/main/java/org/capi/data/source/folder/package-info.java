/** Collections that are folders of image files. */
@NullMarked
package org.capi.data.source.folder;

import org.jspecify.annotations.NullMarked;
