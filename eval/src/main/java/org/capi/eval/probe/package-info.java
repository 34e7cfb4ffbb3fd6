/** Linear and attentive probes: classifiers over frozen features, many of them trained at once. */
@NullMarked
package org.capi.eval.probe;

import org.jspecify.annotations.NullMarked;
