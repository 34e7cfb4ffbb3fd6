/** What is asked of the launcher at the root of the project. */
@NullMarked
package org.capi.train.launcher;

import org.jspecify.annotations.NullMarked;
