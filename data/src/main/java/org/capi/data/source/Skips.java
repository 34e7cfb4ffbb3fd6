package org.capi.data.source;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.arrow.DatasetInfo.Skipped;

/** What an import left out and why, and whether that is still allowed. */
final class Skips {

    private static final Logger log = LogManager.getLogger(Skips.class);

    private static final int EXAMPLES = 20;

    private final ImportOptions options;
    private final long offered;
    private final Map<String, Long> reasons = new TreeMap<>();
    private final List<String> examples = new ArrayList<>();
    private long splitCount;
    private long total;

    Skips(ImportOptions options, long offered) {
        this.options = options;
        this.offered = offered;
    }

    /** Counts an image that is left out; {@code problem} is {@code reason: detail}. */
    void add(String name, String problem) throws IOException {
        if (options.onError() == ImportOptions.OnError.FAIL) {
            throw new IOException("cannot import " + name + ": " + problem);
        }
        splitCount++;
        total++;
        reasons.merge(problem.split(":", 2)[0], 1L, Long::sum);
        if (examples.size() < EXAMPLES) {
            examples.add(name + ": " + problem);
            log.warn("left out {}: {}", name, problem);
        }
        if (total > options.maxSkipped() * offered) {
            throw new IOException(total + " of " + offered + " images cannot be read, more than --max-skipped "
                    + options.maxSkipped() + " allows; the last: " + name + ": " + problem);
        }
    }

    /** The sum for one split; the next one begins at nothing. */
    Skipped endSplit() {
        var skipped = new Skipped(splitCount, reasons, examples);
        splitCount = 0;
        reasons.clear();
        examples.clear();
        return skipped;
    }
}
