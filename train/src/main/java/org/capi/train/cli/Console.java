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
import org.capi.data.Printable;
import org.capi.data.Progress;

/** The two streams of the terminal: results on stdout, all else on stderr. Control characters in them are spelled out. */
public final class Console {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
            .build();

    private final PrintStream out;
    private final PrintStream err;
    private final boolean terminal;

    Console(PrintStream out, PrintStream err, boolean terminal) {
        this.out = out;
        this.err = err;
        this.terminal = terminal;
    }

    /** The process's own streams; the launcher says whether stderr is a terminal. */
    static Console standard() {
        return new Console(System.out, System.err, Boolean.getBoolean("capi.terminal"));
    }

    /** Prints a line of a result. */
    public void print(String line) {
        out.println(Printable.of(line));
        out.flush();
    }

    /** Prints a result as one line of JSON, with snake_case keys: a record, or a map. */
    public void printJson(Object result) {
        try {
            print(JSON.writeValueAsString(result));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write as JSON: " + result, e);
        }
    }

    /** Says something that is no result. */
    public void say(String line) {
        err.println(Printable.of(line));
        err.flush();
    }

    /** Shows how far a long job is: a bar on a terminal, else a line now and then. */
    public ConsoleProgress progress(String job) {
        return new ConsoleProgress(job, ConsoleProgress.Unit.PIECES, err, terminal, System::nanoTime);
    }

    /** The same for a job that counts bytes. */
    ConsoleProgress progressInBytes(String job) {
        return new ConsoleProgress(job, ConsoleProgress.Unit.BYTES, err, terminal, System::nanoTime);
    }

    /** The same for a job that surely comes to its end, or fails. */
    public Progress shown(String job) {
        return progress(job);
    }

    /** The stream that help and other long texts are printed to. */
    PrintWriter outWriter() {
        return new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), true);
    }

    PrintWriter errWriter() {
        return new PrintWriter(new OutputStreamWriter(err, StandardCharsets.UTF_8), true);
    }

    /** Prints a stack trace on stderr. */
    void trace(Throwable failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        err.print(Printable.of(text.toString()));
        err.flush();
    }

    /** A count as people read it: {@code 1234567} is {@code 1,234,567}. */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
