/** Files and folders that are whole or not there. */
@NullMarked
package org.capi.data.files;

import org.jspecify.annotations.NullMarked;
