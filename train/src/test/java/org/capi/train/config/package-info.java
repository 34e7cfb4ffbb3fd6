/** What is asked of the configuration. */
@NullMarked
package org.capi.train.config;

import org.jspecify.annotations.NullMarked;
