/** Collections in the forms in which model hubs serve them: WebDataset archives, Parquet files, and Arrow files of {@code datasets}. */
@NullMarked
package org.capi.data.source.hub;

import org.jspecify.annotations.NullMarked;
