package org.capi.data.arrow;

import java.util.List;
import org.capi.data.arrow.DatasetInfo.ShardInfo;

/**
 * What complete shards hold, all together.
 *
 * @param classCounts how many images have each label, as far as the largest label
 */
public record ShardContents(List<ShardInfo> shards, long labelled, long labelMaps, List<Long> classCounts) {

    /** No shard yet. */
    public static final ShardContents NONE = new ShardContents(List.of(), 0, 0, List.of());

    public ShardContents {
        shards = List.copyOf(shards);
        classCounts = List.copyOf(classCounts);
    }

    /** The number of rows. */
    public long images() {
        return shards.stream().mapToLong(ShardInfo::rows).sum();
    }

    /** How many images have a label. */
    public long count(int label) {
        return label < classCounts.size() ? classCounts.get(label) : 0;
    }
}
