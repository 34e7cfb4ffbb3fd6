/**
 * Ablations: variants of one configuration, each trained and judged in processes of their own, and the table of them.
 *
 * <p>What is done is read from the folders of the runs and nowhere else, so that a call which was killed leaves nothing to
 * repair: {@link org.capi.train.ablate.TrialFolder} says where a training stands, {@link org.capi.train.ablate.Plan} which
 * variant it belongs to.
 */
@NullMarked
package org.capi.train.ablate;

import org.jspecify.annotations.NullMarked;
