/** What a collection of images is to an import: splits, whose entries are read one by one. */
@NullMarked
package org.capi.data.source;

import org.jspecify.annotations.NullMarked;
