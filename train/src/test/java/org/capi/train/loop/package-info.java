/** Tests of the pretraining loop. */
@NullMarked
package org.capi.train.loop;

import org.jspecify.annotations.NullMarked;
