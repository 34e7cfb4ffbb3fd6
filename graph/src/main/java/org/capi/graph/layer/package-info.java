/** The layers of a vision transformer: small records that declare their weights once and build their ops as often as needed. */
@NullMarked
package org.capi.graph.layer;

import org.jspecify.annotations.NullMarked;
