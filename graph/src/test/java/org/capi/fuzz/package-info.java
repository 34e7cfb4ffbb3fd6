/** Mutated files for the tests of parsers. */
@NullMarked
package org.capi.fuzz;

import org.jspecify.annotations.NullMarked;
