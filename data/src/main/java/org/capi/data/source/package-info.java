/** What can be turned into a dataset: a folder of images, and the embedded set of drawings. */
@NullMarked
package org.capi.data.source;

import org.jspecify.annotations.NullMarked;
