package org.capi.train.bench;

import org.capi.eval.search.Metric;
import org.capi.eval.search.Precision;

/**
 * How fast the neighbours of patches were found and voted.
 *
 * @param precision of the products that rule pairs out; what is found does not depend on it
 * @param mostBytesBeyondBank the most memory that the process held while it searched, less what it held with the bank
 *     and the queries in memory before; with a mapped bank the pages of files do not count
 */
public record KnnTimes(
        int bank,
        int queries,
        int dim,
        int k,
        Metric metric,
        Precision precision,
        int threads,
        boolean mapped,
        double seconds,
        double queriesPerSecond,
        long mostBytesBeyondBank) {}
