/** What is asked of the examination of a machine. */
@NullMarked
package org.capi.train.doctor;

import org.jspecify.annotations.NullMarked;
