package org.capi.data.source.hub;

import java.util.List;
import java.util.Map;

/** A file of rows, Parquet or Arrow. */
interface TableShard extends Shard {

    Table table();

    @Override
    default String name() {
        return table().name();
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
}
