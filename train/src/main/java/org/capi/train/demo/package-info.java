/** The whole job on the embedded set, from drawing images to a report. */
@NullMarked
package org.capi.train.demo;

import org.jspecify.annotations.NullMarked;
