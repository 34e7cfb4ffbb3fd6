/** What is asked of the command line. */
@NullMarked
package org.capi.train.cli;

import org.jspecify.annotations.NullMarked;
