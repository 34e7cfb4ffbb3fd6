/** Numbers of an exported model in files that other languages read, to compare theirs with. */
@NullMarked
package org.capi.savedmodels.interop;

import org.jspecify.annotations.NullMarked;
