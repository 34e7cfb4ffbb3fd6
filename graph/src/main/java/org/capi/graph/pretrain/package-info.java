/** One pretraining step of CAPI as one graph. */
@NullMarked
package org.capi.graph.pretrain;

import org.jspecify.annotations.NullMarked;
