/** Commands of this program in processes of their own. */
@NullMarked
package org.capi.train.child;

import org.jspecify.annotations.NullMarked;
