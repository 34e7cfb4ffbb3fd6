package org.capi.train.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.capi.data.Printable;
import org.capi.data.Progress;

/** How far a long job is, with its rate and the time that is left; may be told from any thread. */
public final class ConsoleProgress implements Progress, AutoCloseable {

    private static final long BAR_EVERY = Duration.ofMillis(100).toNanos();
    private static final long LINE_EVERY = Duration.ofSeconds(10).toNanos();
    private static final int WIDTH = 30;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final String job;
    private final Unit unit;
    private final PrintStream err;
    private final boolean terminal;
    private final LongSupplier nanos;
    private final long started;
    private long shownAt;
    private boolean barIsOpen;
    private long before;

    /** What is counted. */
    enum Unit {
        PIECES,
        /** Shown in megabytes. */
        BYTES
    }

    ConsoleProgress(String job, Unit unit, PrintStream err, boolean terminal, LongSupplier nanos) {
        this.job = Printable.of(job);
        this.unit = unit;
        this.err = err;
        this.terminal = terminal;
        this.nanos = nanos;
        this.started = nanos.getAsLong();
        this.shownAt = started;
    }

    @Override
    public synchronized void from(long done, long total) {
        before = done;
        at(done, total);
    }

    /** So many are done, of a total that is 0 while it is not known. */
    @Override
    public synchronized void at(long done, long total) {
        long now = nanos.getAsLong();
        boolean last = done == total;
        if (!last && now - shownAt < (terminal ? BAR_EVERY : LINE_EVERY)) {
            return;
        }
        shownAt = now;
        String text = text(done, total, (now - started) / 1e9);
        if (terminal) {
            err.print(CLEAR_LINE + text);
            barIsOpen = !last;
            if (last) {
                err.println();
            }
        } else {
            err.println(text);
        }
        err.flush();
    }

    /** Ends the line of a bar that did not come to its end. */
    @Override
    public void close() {
        endLine();
    }

    /** Leaves the bar as it is, so that something else can be said; the next piece draws it anew. */
    synchronized void endLine() {
        if (barIsOpen) {
            err.println();
            err.flush();
            barIsOpen = false;
        }
    }

    private String text(long done, long total, double seconds) {
        double rate = seconds > 0 ? (done - before) / seconds : 0;
        String speed = speed(rate);
        if (total <= 0) {
            return job + " " + amount(done) + " " + speed;
        }
        int percent = (int) (100.0 * done / total);
        String amount = String.format(Locale.ROOT, "%s/%s (%d %%) %s", amount(done), amount(total), percent, speed);
        String left = rate > 0 && done < total ? " eta " + time((total - done) / rate) : "";
        return job + " " + (terminal ? bar(done, total) + " " : "") + amount + left;
    }

    private String amount(long count) {
        return unit == Unit.BYTES ? String.format(Locale.ROOT, "%.1f MB", count / 1e6) : Long.toString(count);
    }

    private String speed(double rate) {
        return unit == Unit.BYTES
                ? String.format(Locale.ROOT, "%.1f MB/s", rate / 1e6)
                : String.format(Locale.ROOT, "%.1f/s", rate);
    }

    private static String bar(long done, long total) {
        int filled = (int) Math.min(WIDTH, (double) WIDTH * done / total);
        return "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "]";
    }

    private static String time(double seconds) {
        long whole = (long) Math.min(seconds, 3.6e8);
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
