/** One page that shows what a run did: a single HTML file that needs nothing beside it. */
@NullMarked
package org.capi.eval.report;

import org.jspecify.annotations.NullMarked;
