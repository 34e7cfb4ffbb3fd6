package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.capi.data.source.SourceOptions;

/** A file of rows, Parquet or Arrow. */
interface TableShard extends Shard {

    Table table();

    @Override
    default String name() {
        return table().name();
    }

    /** Looks through files in turn. */
    @FunctionalInterface
    interface Scan {
        TableShard file(Path file) throws IOException;
    }

    /** Looks through files; damaged ones among sound ones are left out or refused, as the options say. */
    static List<TableShard> scan(CollectionFiles files, SourceOptions options, Scan scan) throws IOException {
        List<TableShard> shards = new ArrayList<>();
        UnreadableFile first = null;
        boolean sound = false;
        for (Path file : files.files()) {
            try {
                UnreadableFile.checkFetched(file);
                shards.add(scan.file(file));
                sound = true;
            } catch (UnreadableFile e) {
                if (!options.skipFiles()) {
                    throw e;
                }
                first = first == null ? e : first;
                String problem = String.valueOf(e.getMessage());
                LogManager.getLogger(TableShard.class).warn("all of a file is left out: {}", problem);
                shards.add(new UnreadableShard(new Table(file, files.name(file), TableLayout.UNKNOWN), problem));
            }
        }
        if (first != null && !sound) {
            throw first;
        }
        return shards;
    }

    /** The class names that all files share; tables of one split that differ in their columns are refused. */
    static List<String> checkedClasses(Map<String, ? extends List<? extends TableShard>> splits) {
        Table named = null;
        for (List<? extends TableShard> shards : splits.values()) {
            Table first = null;
            for (TableShard shard : shards) {
                if (shard instanceof UnreadableShard) {
                    continue;
                }
                Table table = shard.table();
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
