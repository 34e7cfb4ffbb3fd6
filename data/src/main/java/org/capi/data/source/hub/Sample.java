package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;
import org.capi.data.source.Entry;
import org.capi.data.source.ImageNames;
import org.capi.data.source.Label;
import org.jspecify.annotations.Nullable;

/** A sample of a WebDataset archive while its parts come in: the first image, its class, and what else there is. */
final class Sample {

    private static final long MAX_LABEL = 1 << 20;

    private final String key;
    private final boolean labels;
    private final Set<String> parts = new TreeSet<>();
    private @Nullable String imagePart;
    private byte @Nullable [] image;
    private byte @Nullable [] text;
    private byte @Nullable [] json;
    private @Nullable String problem;

    Sample(String key, boolean labels) {
        this.key = key;
        this.labels = labels;
    }

    boolean has(SampleKey other) {
        return key.equals(other.key());
    }

    /**
     * One file of a sample.
     *
     * @param problem why it cannot be read, {@code reason: detail}; empty where it can
     */
    record Part(String name, long size, String problem, Entry.Content content) {

        static Part broken(String name, String problem) {
            return new Part(name, 0, problem, () -> {
                throw new IOException(problem);
            });
        }
    }

    /** Takes a part, reading it from the archive where it is of use. */
    void add(String part, Part file) throws IOException {
        boolean isImage = part.indexOf('.') < 0 && ImageNames.isImage(part);
        if (!parts.add(part)) {
            fail("ambiguous sample: it has two files " + key + "." + part);
        } else if (isImage && imagePart == null && usable(file, Long.MAX_VALUE)) {
            imagePart = part;
            image = bytes(file);
        } else if (labels && part.equals("cls") && usable(file, MAX_LABEL)) {
            text = bytes(file);
        } else if (labels && part.equals("json") && usable(file, MAX_LABEL)) {
            json = bytes(file);
        }
    }

    /** Says that the sample cannot be used; the first reason stays. */
    void fail(String reason) {
        if (problem == null) {
            problem = reason;
        }
    }

    Entry entry(String archive) {
        String name = archive + "/" + key;
        byte[] bytes = image;
        if (problem != null || bytes == null) {
            return Entry.broken(
                    name, problem != null ? problem : "no image: the sample has only " + String.join(", ", parts));
        }
        return Entry.of(name + "." + imagePart, () -> ByteBuffer.wrap(bytes), label());
    }

    private Label label() {
        try {
            if (text != null) {
                return SampleLabel.ofText(text);
            }
            return json != null ? SampleLabel.ofJson(json) : Label.NONE;
        } catch (IOException e) {
            return new Label.Bad(String.valueOf(e.getMessage()));
        }
    }

    private boolean usable(Part file, long most) {
        if (!file.problem().isEmpty()) {
            fail(file.problem());
        } else if (file.size() > most) {
            fail("too large: " + file.name() + " has " + file.size() + " bytes");
        }
        return file.problem().isEmpty() && file.size() <= most;
    }

    private static byte[] bytes(Part file) throws IOException {
        ByteBuffer content = file.content().read();
        byte[] bytes = new byte[content.remaining()];
        content.get(bytes);
        return bytes;
    }
}
