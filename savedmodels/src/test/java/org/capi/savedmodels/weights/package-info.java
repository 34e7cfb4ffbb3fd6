@NullMarked
package org.capi.savedmodels.weights;

import org.jspecify.annotations.NullMarked;
