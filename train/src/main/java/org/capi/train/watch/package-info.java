/** What a person watches a run by: TensorBoard's event files, a page of curves, and alarms about collapse. */
@NullMarked
package org.capi.train.watch;

import org.jspecify.annotations.NullMarked;
