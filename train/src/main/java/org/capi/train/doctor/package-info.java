/** What a machine offers to a training, and what to do about what is missing. */
@NullMarked
package org.capi.train.doctor;

import org.jspecify.annotations.NullMarked;
