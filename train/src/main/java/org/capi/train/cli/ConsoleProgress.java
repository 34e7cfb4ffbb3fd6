package org.capi.train.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/** How far a long job is, with its rate and the time that is left; may be told from any thread. */
public final class ConsoleProgress implements AutoCloseable {

    private static final long BAR_EVERY = Duration.ofMillis(100).toNanos();
    private static final long LINE_EVERY = Duration.ofSeconds(10).toNanos();
    private static final int WIDTH = 30;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final String job;
    private final PrintStream err;
    private final boolean terminal;
    private final LongSupplier nanos;
    private final long started;
    private long shownAt;
    private boolean barIsOpen;

    ConsoleProgress(String job, PrintStream err, boolean terminal, LongSupplier nanos) {
        this.job = job;
        this.err = err;
        this.terminal = terminal;
        this.nanos = nanos;
        this.started = nanos.getAsLong();
        this.shownAt = started;
    }

    /** So many are done, of a total that is 0 while it is not known. */
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
    public synchronized void close() {
        if (barIsOpen) {
            err.println();
            err.flush();
            barIsOpen = false;
        }
    }

    private String text(long done, long total, double seconds) {
        double rate = seconds > 0 ? done / seconds : 0;
        String speed = String.format(Locale.ROOT, "%.1f/s", rate);
        if (total <= 0) {
            return job + " " + done + " " + speed;
        }
        int percent = (int) (100 * done / total);
        String amount = String.format(Locale.ROOT, "%d/%d (%d %%) %s", done, total, percent, speed);
        String left = done > 0 && done < total ? " eta " + time((total - done) / rate) : "";
        return job + " " + (terminal ? bar(done, total) + " " : "") + amount + left;
    }

    private static String bar(long done, long total) {
        int filled = (int) Math.min(WIDTH, WIDTH * done / total);
        return "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "]";
    }

    private static String time(double seconds) {
        long whole = (long) Math.min(seconds, 3.6e8);
        return whole < 3600
                ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
