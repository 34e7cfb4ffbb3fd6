package org.capi.train.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.capi.data.Progress;
import org.capi.train.metrics.ProgressLine;

/** How far a long job is, with its rate and the time that is left; may be called from any thread. */
public final class ConsoleProgress implements Progress, AutoCloseable {

    private static final long BAR_EVERY = Duration.ofMillis(100).toNanos();
    private static final long LINE_EVERY = Duration.ofSeconds(10).toNanos();
    private static final int WIDTH = 30;

    /** What is counted; bytes are shown in megabytes. */
    enum Unit {
        PIECES,
        BYTES
    }

    private final Console console;
    private final String job;
    private final Unit unit;
    private final LongSupplier nanos;
    private final long started;
    private long shownAt;
    private long before;

    ConsoleProgress(Console console, String job, Unit unit, LongSupplier nanos) {
        this.console = console;
        this.job = job;
        this.unit = unit;
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
        boolean complete = done == total;
        if (!complete && now - shownAt < (console.isTerminal() ? BAR_EVERY : LINE_EVERY)) {
            return;
        }
        shownAt = now;
        String text = text(done, total, (now - started) / 1e9);
        if (console.isTerminal()) {
            console.bar(text, complete);
        } else {
            console.say(text);
        }
    }

    /** Ends the line of a bar that is not complete. */
    @Override
    public void close() {
        console.endBar();
    }

    private String text(long done, long total, double seconds) {
        double rate = seconds > 0 ? (done - before) / seconds : 0;
        String speed = unit == Unit.BYTES ? format("%.1f MB/s", rate / 1e6) : format("%.1f/s", rate);
        if (total <= 0) {
            return job + " " + amount(done) + ", " + speed;
        }
        String bar = "";
        if (console.isTerminal()) {
            int filled = (int) Math.min(WIDTH, (double) WIDTH * done / total);
            bar = "[" + "#".repeat(filled) + ".".repeat(WIDTH - filled) + "] ";
        }
        int percent = (int) (100.0 * done / total);
        String left = rate > 0 && done < total ? ", " + ProgressLine.duration((total - done) / rate) + " left" : "";
        return format("%s %s%s/%s (%d %%), %s%s", job, bar, amount(done), amount(total), percent, speed, left);
    }

    private String amount(long count) {
        return unit == Unit.BYTES ? format("%.1f MB", count / 1e6) : Long.toString(count);
    }

    @SuppressWarnings("AnnotateFormatMethod")
    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
