/** The variables of a model and how they are declared, initialised, saved and restored. */
@NullMarked
package org.capi.graph;

import org.jspecify.annotations.NullMarked;
