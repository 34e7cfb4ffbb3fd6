/** Tests of the collections that model hubs serve, on files that their own tools wrote. */
@NullMarked
package org.capi.data.source.hub;

import org.jspecify.annotations.NullMarked;
