/** The reference implementation's numbers, read by the tests of every module. */
@NullMarked
package org.capi.golden;

import org.jspecify.annotations.NullMarked;
