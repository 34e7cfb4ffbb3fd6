@NullMarked
package org.capi.train.watch;

import org.jspecify.annotations.NullMarked;
