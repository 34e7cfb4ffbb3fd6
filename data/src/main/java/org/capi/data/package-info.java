/** What every room of the data module speaks of: random draws, progress. */
@NullMarked
package org.capi.data;

import org.jspecify.annotations.NullMarked;
