package org.capi.data.source.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.capi.data.files.FileNames;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.ImageNames;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.archive.TarDamage;
import org.capi.data.source.archive.TarStream;
import org.capi.data.source.archive.TarStream.TarMember;
import org.capi.data.source.hub.WebDataset.SampleKey;
import org.jspecify.annotations.Nullable;

/** Reads the samples of one WebDataset archive, holding one and the first file of the next. */
final class SampleReader implements EntryReader {

    private static final long MAX_KEPT = 1L << 26;
    private static final long MAX_LABEL = 1 << 20;

    // Under which a sample's JSON may give its class: names before numbers.
    private static final List<String> CLASS_KEYS = List.of("class_name", "label_name", "label", "cls", "class");
    private static final JsonMapper JSON = new JsonMapper();

    private final TarStream tar;
    private final String archive;
    private final Set<String> targets;
    private final boolean labels;
    private final Map<String, SamplePart> linked = new HashMap<>();
    private long kept; // bytes, of a compressed archive
    private @Nullable TarSample sample;
    private boolean ended;
    private long started; // samples
    private long given;
    private long skipped; // samples up to this one are not read

    /**
     * Starts at the first sample.
     *
     * @param targets the members that links in the archive lead to
     * @param labels whether the samples have their labels
     */
    SampleReader(TarStream tar, String archive, Set<String> targets, boolean labels) {
        this.tar = tar;
        this.targets = targets;
        this.labels = labels;
        this.archive = archive;
    }

    @Override
    public @Nullable Entry next() throws IOException {
        TarSample whole = whole();
        return whole == null ? null : whole.entry();
    }

    @Override
    public void skip(long entries) throws IOException {
        skipped = given + entries;
        while (given < skipped && whole() != null) {
            // Its files are not read.
        }
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }

    /** Reads up to the first file of the next sample; an archive that breaks off breaks its last sample. */
    private @Nullable TarSample whole() throws IOException {
        TarSample whole = sample;
        while (!ended && sample == whole) {
            try {
                advance();
            } catch (TarDamage e) {
                ended = true;
                if (sample != null) {
                    sample.fail(e.getMessage() + " (" + archive + ")");
                }
            }
            if (whole == null) {
                whole = sample;
            }
        }
        if (sample == whole) {
            sample = null;
        }
        if (whole != null) {
            given++;
        }
        return whole;
    }

    private void advance() throws IOException {
        TarMember member = tar.next();
        if (member == null) {
            ended = true;
            return;
        }
        TarSample current = sample;
        SampleKey key = SampleKey.of(member.name());
        if (key != null && (current == null || !current.key.equals(key.key()))) {
            current = new TarSample(key.key());
            sample = current;
            started++;
        }
        SamplePart part = part(member);
        if (targets.contains(FileNames.normal(member.name()))) {
            part = keep(member, part);
        }
        if (key != null && current != null && started > skipped) {
            current.add(key.part(), part);
        }
    }

    /**
     * One file of a sample.
     *
     * @param problem why it cannot be read, {@code reason: detail}; empty where it can
     */
    private record SamplePart(String name, long size, String problem, Entry.Content content) {

        static SamplePart broken(String name, String problem) {
            return new SamplePart(name, 0, problem, Entry.failing(problem));
        }
    }

    private SamplePart part(TarMember member) {
        if (member.isLink()) {
            SamplePart target = linked.get(member.target());
            return target != null
                    ? target
                    : SamplePart.broken(
                            member.name(),
                            "a link: " + FileNames.shown(member.name()) + " leads to " + FileNames.shown(member.link())
                                    + ", which does not come before it in the archive");
        }
        String problem = tar.problem(member);
        return problem.isEmpty()
                ? new SamplePart(member.name(), member.size(), "", () -> ByteBuffer.wrap(tar.read(member)))
                : SamplePart.broken(member.name(), problem);
    }

    /** Keeps a member for the links that lead to it: of a compressed archive its bytes, up to a limit. */
    private SamplePart keep(TarMember member, SamplePart part) throws IOException {
        SamplePart stays = part;
        if (!member.isLink() && part.problem.isEmpty()) {
            kept += tar.isCompressed() ? member.size() : 0;
            if (kept > MAX_KEPT) {
                String problem = "a link: it leads to " + FileNames.shown(member.name())
                        + ", and of a compressed archive no more than " + MAX_KEPT + " bytes are kept for links";
                linked.put(FileNames.normal(member.name()), SamplePart.broken(member.name(), problem));
                return part;
            }
            stays = new SamplePart(member.name(), member.size(), "", tar.content(member));
        }
        linked.put(FileNames.normal(member.name()), stays);
        return stays;
    }

    /** A sample while its parts are read: the first image, its class, and the names of all parts. */
    private final class TarSample {

        private final String key;
        private final Set<String> parts = new TreeSet<>();
        private @Nullable String imagePart;
        private byte @Nullable [] image;
        private byte @Nullable [] text;
        private byte @Nullable [] json;
        private @Nullable String problem;

        TarSample(String key) {
            this.key = key;
        }

        /** Takes a part, reading it from the archive where it is used. */
        void add(String part, SamplePart file) throws IOException {
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

        void fail(String reason) {
            if (problem == null) {
                problem = reason;
            }
        }

        Entry entry() {
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
                return text != null ? ofText(text) : json != null ? ofJson(json) : Label.NONE;
            } catch (IOException e) {
                return new Label.Bad(String.valueOf(e.getMessage()));
            }
        }

        private boolean usable(SamplePart file, long max) {
            if (!file.problem.isEmpty()) {
                fail(file.problem);
            } else if (file.size > max) {
                fail("too large: " + file.name + " has " + file.size + " bytes");
            }
            return file.problem.isEmpty() && file.size <= max;
        }
    }

    private static byte[] bytes(SamplePart file) throws IOException {
        ByteBuffer content = file.content.read();
        byte[] bytes = new byte[content.remaining()];
        content.get(bytes);
        return bytes;
    }

    /** The class in a {@code .cls} file: a number, where -1 means none, or else a name. */
    private static Label ofText(byte[] file) throws IOException {
        String text = new String(file, StandardCharsets.UTF_8).strip();
        if (text.isEmpty()) {
            throw new IOException("bad label: the .cls file is empty");
        }
        if (!text.matches("[+-]?\\d+")) {
            return new Label.Named(text);
        }
        try {
            return HubSource.label(Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw new IOException("bad label: " + text + " is not a class number", e);
        }
    }

    /** The class in a {@code .json} file; without any of the keys there is none. */
    private static Label ofJson(byte[] file) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(file);
        } catch (JsonProcessingException e) {
            throw new IOException("bad label: the .json file cannot be read: " + e.getOriginalMessage(), e);
        }
        if (!root.isObject()) {
            throw new IOException("bad label: the .json file holds no object");
        }
        for (String key : CLASS_KEYS) {
            JsonNode value = root.path(key);
            if (value.isIntegralNumber() || value.isTextual()) {
                return ofText(value.asText().getBytes(StandardCharsets.UTF_8));
            }
            if (!value.isMissingNode() && !value.isNull()) {
                throw new IOException("bad label: " + key + " in the .json file is neither text nor a whole number;"
                        + " --no-labels imports the images without labels");
            }
        }
        return Label.NONE;
    }
}
