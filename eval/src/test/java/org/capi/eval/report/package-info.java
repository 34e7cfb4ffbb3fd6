/** Tests of the report. */
@NullMarked
package org.capi.eval.report;

import org.jspecify.annotations.NullMarked;
