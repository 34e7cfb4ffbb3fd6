package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;
import org.capi.data.source.Entry;
import org.capi.data.source.Label;
import org.jspecify.annotations.Nullable;

/** A sample of a WebDataset archive while its parts come in: the first image, its class, and what else there is. */
final class Sample {

    private static final Set<String> IMAGES = Set.of(
            "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "jp2", "ppm",
            "pgm");
    private static final long MAX_IMAGE = Integer.MAX_VALUE - 16;
    private static final long MAX_LABEL = 1 << 20;

    private final String key;
    private final Set<String> parts = new TreeSet<>();
    private @Nullable String imagePart;
    private byte @Nullable [] image;
    private byte @Nullable [] text;
    private byte @Nullable [] json;
    private @Nullable String problem;

    Sample(String key) {
        this.key = key;
    }

    boolean has(SampleKey other) {
        return key.equals(other.key());
    }

    /** Takes a part, reading it from the archive where it is of use. */
    void add(String part, TarMember member, TarStream tar) throws IOException {
        if (!parts.add(part)) {
            fail("ambiguous sample: it has two files " + key + "." + part);
        } else if (IMAGES.contains(part)) {
            if (imagePart == null && fits(member, MAX_IMAGE)) {
                imagePart = part;
                image = tar.read(member);
            }
        } else if (part.equals("cls") && fits(member, MAX_LABEL)) {
            text = tar.read(member);
        } else if (part.equals("json") && fits(member, MAX_LABEL)) {
            json = tar.read(member);
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
        try {
            return Entry.of(name + "." + imagePart, () -> ByteBuffer.wrap(bytes), label());
        } catch (IOException e) {
            return Entry.broken(name, String.valueOf(e.getMessage()));
        }
    }

    private Label label() throws IOException {
        if (text != null) {
            return SampleLabel.ofText(text);
        }
        return json != null ? SampleLabel.ofJson(json) : Label.NONE;
    }

    private boolean fits(TarMember member, long most) {
        if (member.size() > most) {
            fail("too large: " + member.name() + " has " + member.size() + " bytes");
        }
        return member.size() <= most;
    }
}
