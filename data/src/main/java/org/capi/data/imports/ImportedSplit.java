package org.capi.data.imports;

import java.nio.file.Path;
import org.capi.data.arrow.DatasetInfo;

/** A split that is complete. */
public record ImportedSplit(String name, Path folder, DatasetInfo info) {

    static ImportedSplit read(Path folder) {
        return new ImportedSplit(String.valueOf(folder.getFileName()), folder, DatasetInfo.read(folder));
    }
}
