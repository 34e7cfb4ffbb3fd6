/** Tests of the page that shows a dataset. */
@NullMarked
package org.capi.train.inspect;

import org.jspecify.annotations.NullMarked;
