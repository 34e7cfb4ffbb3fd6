/** Prototypes: the teacher's online clustering, its Sinkhorn-Knopp assignments and the student's prediction head. */
@NullMarked
package org.capi.graph.clustering;

import org.jspecify.annotations.NullMarked;
