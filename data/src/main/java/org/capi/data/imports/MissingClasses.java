package org.capi.data.imports;

import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.arrow.DatasetInfo;

/** Warns of classes that a split has images of and the split train has none: no model learns them there. */
final class MissingClasses {

    private static final Logger log = LogManager.getLogger(MissingClasses.class);

    private static final String TRAIN = "train";
    private static final int NAMED = 10;

    private MissingClasses() {}

    static void warn(List<ImportedSplit> splits, List<String> justImported) {
        for (ImportedSplit train : splits) {
            if (!train.name().equals(TRAIN) || train.info().classCounts().isEmpty()) {
                continue;
            }
            for (ImportedSplit other : splits) {
                List<String> missing = missing(train.info(), other.info());
                boolean news = justImported.contains(TRAIN) || justImported.contains(other.name());
                if (news && !missing.isEmpty()) {
                    log.warn(
                            "the split {} has images of {} that the split train has none of: {}{}",
                            other.name(),
                            missing.size() == 1 ? "1 class" : missing.size() + " classes",
                            String.join(", ", missing.subList(0, Math.min(NAMED, missing.size()))),
                            missing.size() > NAMED ? ", ..." : "");
                }
            }
        }
    }

    /** The classes that one split has images of and the other has not. */
    static List<String> missing(DatasetInfo train, DatasetInfo other) {
        List<String> missing = new ArrayList<>();
        for (int label = 0; label < other.classCounts().size(); label++) {
            boolean trained =
                    label < train.classCounts().size() && train.classCounts().get(label) > 0;
            if (other.classCounts().get(label) > 0 && !trained) {
                missing.add(other.classes().get(label));
            }
        }
        return missing;
    }
}
