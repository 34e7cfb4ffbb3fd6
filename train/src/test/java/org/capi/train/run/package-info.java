/** What is asked of a run's folder. */
@NullMarked
package org.capi.train.run;

import org.jspecify.annotations.NullMarked;
