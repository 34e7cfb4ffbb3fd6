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
    static List<String> checkedClasses(Map<String, List<Shard>> splits) {
        Table named = null;
        for (List<Shard> shards : splits.values()) {
            Table first = null;
            for (Shard shard : shards) {
                if (!(shard instanceof TableShard of)) {
                    continue;
                }
                Table table = of.table();
                first = first == null ? table : first;
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
