package org.capi.data.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;

/** What is wrong with a JSON file, in one line. */
public final class JsonFault {

    private static final int MAX_LENGTH = 200;

    private JsonFault() {}

    /** What a record says of the values that it refuses, else what the parser says. */
    public static String words(JsonProcessingException fault) {
        Throwable cause = fault.getCause();
        String words = String.valueOf(fault.getOriginalMessage());
        if (fault instanceof ValueInstantiationException && cause != null) {
            words = cause instanceof NullPointerException ? "a value is null" : String.valueOf(cause.getMessage());
        }
        words = words.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ");
        return words.length() <= MAX_LENGTH ? words : words.substring(0, MAX_LENGTH) + "...";
    }
}
