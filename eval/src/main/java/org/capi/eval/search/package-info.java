/**
 * The nearest among many rows of features, exactly, in little memory.
 *
 * <p>Products in low precision give every pair a lower bound of its distance, and only the pairs that the bound does not
 * rule out are measured, in float64. What is found therefore does not depend on chunks, threads, precision or device.
 */
@NullMarked
package org.capi.eval.search;

import org.jspecify.annotations.NullMarked;
