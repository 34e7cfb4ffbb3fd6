/** What is asked of ablations. */
@NullMarked
package org.capi.train.ablate;

import org.jspecify.annotations.NullMarked;
