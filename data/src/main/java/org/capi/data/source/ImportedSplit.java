package org.capi.data.source;

import java.nio.file.Path;
import org.capi.data.arrow.DatasetInfo;

/** A split that was just written. */
public record ImportedSplit(String name, Path folder, DatasetInfo info) {}
