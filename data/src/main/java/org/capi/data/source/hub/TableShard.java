package org.capi.data.source.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A file of rows, Parquet or Arrow. */
interface TableShard extends Shard {

    Table table();

    /** Sorts files into splits by their names; where no name says anything, all of them are the split train. */
    static <S extends TableShard> Map<String, List<S>> bySplit(List<S> shards) {
        Map<String, List<S>> splits = new TreeMap<>();
        List<S> others = new ArrayList<>();
        for (S shard : shards) {
            String split = FileSplits.of(shard.table().name());
            if (split == null) {
                others.add(shard);
            } else {
                splits.computeIfAbsent(split, s -> new ArrayList<>()).add(shard);
            }
        }
        boolean severalPrefixes = !splits.isEmpty()
                || others.stream().map(shard -> prefix(shard)).distinct().count() > 1;
        for (S shard : others) {
            String split = severalPrefixes ? prefix(shard) : FileSplits.DEFAULT;
            splits.computeIfAbsent(split, s -> new ArrayList<>()).add(shard);
        }
        return splits;
    }

    /** The class names that all files share; tables of one split that differ in their columns are refused. */
    static List<String> checkedClasses(Map<String, ? extends List<? extends TableShard>> splits) {
        Table named = null;
        for (List<? extends TableShard> shards : splits.values()) {
            Table first = shards.get(0).table();
            for (TableShard shard : shards) {
                Table table = shard.table();
                if (!first.layout().agrees(table.layout())) {
                    throw new IllegalArgumentException("files of one split differ in their columns: " + first.file()
                            + " has " + first.layout().described() + ", " + table.file() + " has "
                            + table.layout().described());
                }
                if (table.layout().classes().isEmpty()) {
                    continue;
                }
                if (named != null
                        && !named.layout().classes().equals(table.layout().classes())) {
                    throw new IllegalArgumentException(
                            named.file() + " and " + table.file() + " have different class names");
                }
                named = table;
            }
        }
        return named == null ? List.of() : named.layout().classes();
    }

    private static String prefix(TableShard shard) {
        String prefix = FileSplits.prefix(shard.table().name());
        return prefix == null ? FileSplits.DEFAULT : prefix;
    }
}
