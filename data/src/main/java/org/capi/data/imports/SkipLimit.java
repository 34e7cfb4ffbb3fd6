package org.capi.data.imports;

import java.io.IOException;

/** How much an import may leave out, over all splits. */
final class SkipLimit {

    private final ImportOptions options;
    private final long offered;
    private long skipped;

    /** Begins with so many that were left out already, of all that is offered. */
    SkipLimit(ImportOptions options, long offered, long skipped) {
        this.options = options;
        this.offered = offered;
        this.skipped = skipped;
    }

    /** Counts one more, unless that is more than allowed. */
    void count(String name, String problem) throws IOException {
        if (options.onError() == ImportOptions.OnError.FAIL) {
            throw new IOException("cannot import " + name + ": " + problem);
        }
        skipped++;
        if (skipped > options.maxSkipped() * offered) {
            throw new IOException(skipped + " of " + offered + " images cannot be read, more than --max-skipped "
                    + options.maxSkipped() + " allows; the last: " + name + ": " + problem);
        }
    }
}
