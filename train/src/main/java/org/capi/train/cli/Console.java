package org.capi.train.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.capi.data.files.FileNames;
import org.jspecify.annotations.Nullable;

/**
 * The two streams of the terminal: results on stdout, all else on stderr. Control characters are escaped, and an open
 * progress bar ends its line before anything else is printed.
 */
public final class Console {

    private static final String CLEAR_LINE = "\r\u001b[K";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
            .build();

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;
    private boolean barIsOpen;

    /** The streams of the process; the launcher tells whether stderr is a terminal. */
    static Console standard() {
        return new Console(System.out, System.err, Boolean.getBoolean("capi.terminal"));
    }

    Console(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** Prints a line of a result. */
    public synchronized void print(String line) {
        endBar();
        out.println(FileNames.printable(line));
        out.flush();
    }

    /** Prints a line of a result, the same in every locale. */
    @SuppressWarnings("AnnotateFormatMethod") // its annotation would be a dependency
    void printf(String format, @Nullable Object... values) {
        print(String.format(Locale.ROOT, format, values));
    }

    /** Prints a result as one line of JSON, with snake_case keys: a record, or a map. */
    public void printJson(Object result) {
        try {
            print(JSON.writeValueAsString(result));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write as JSON: " + result, e);
        }
    }

    /** Prints a message, which is no result. */
    public synchronized void say(String line) {
        endBar();
        err.println(FileNames.printable(line));
        err.flush();
    }

    /** Shows how far a long job is: a bar on a terminal, else a line now and then. */
    public ConsoleProgress progress(String job) {
        return new ConsoleProgress(this, job, ConsoleProgress.Unit.PIECES, System::nanoTime);
    }

    /** The same for a job that counts bytes. */
    ConsoleProgress progressInBytes(String job) {
        return new ConsoleProgress(this, job, ConsoleProgress.Unit.BYTES, System::nanoTime);
    }

    /** Whether stderr is a terminal, so that a bar can be drawn. */
    boolean isTerminal() {
        return terminal;
    }

    /** Draws a bar over the one before; a complete one ends its line. */
    synchronized void bar(String text, boolean complete) {
        err.print(CLEAR_LINE + FileNames.printable(text));
        barIsOpen = true;
        if (complete) {
            endBar();
        }
        err.flush();
    }

    /** Leaves an open bar as it is. */
    synchronized void endBar() {
        if (barIsOpen) {
            err.println();
            err.flush();
            barIsOpen = false;
        }
    }

    /** A writer to stdout or stderr, for help and other long texts. */
    PrintWriter writer(boolean toOut) {
        return new PrintWriter(new OutputStreamWriter(toOut ? out : err, StandardCharsets.UTF_8), true);
    }

    /** Prints a stack trace on stderr. */
    void trace(Throwable failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        err.print(FileNames.printable(text.toString()));
        err.flush();
    }

    /** A word of a command, quoted where a shell would take it for something else. */
    static String shell(String word) {
        return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
