package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.capi.data.files.FileNames;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.capi.data.source.tar.TarDamage;
import org.capi.data.source.tar.TarMember;
import org.capi.data.source.tar.TarStream;
import org.jspecify.annotations.Nullable;

/** Reads the samples of one archive, holding one and the first file of the next. */
final class SampleReader implements EntryReader {

    private static final long MAX_KEPT = 1L << 26;

    private final TarStream tar;
    private final String archive;
    private final Set<String> targets;
    private final boolean labels;
    private final Map<String, Sample.Part> linked = new HashMap<>();
    private long kept;
    private @Nullable Sample sample;
    private boolean ended;
    private long begun;
    private long given;
    private long unwanted; // samples before this one are passed over unread

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
        Sample whole = whole();
        return whole == null ? null : whole.entry(archive);
    }

    @Override
    public void skip(long entries) throws IOException {
        unwanted = given + entries;
        while (given < unwanted && whole() != null) {
            // passed over
        }
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }

    /** Reads on to the first file of the next sample; an archive that breaks off takes its last sample with it. */
    private @Nullable Sample whole() throws IOException {
        Sample whole = sample;
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
        Sample current = sample;
        SampleKey key = SampleKey.of(member.name());
        if (key != null && (current == null || !current.has(key))) {
            current = new Sample(key.key(), labels);
            sample = current;
            begun++;
        }
        Sample.Part part = part(member);
        if (targets.contains(FileNames.normal(member.name()))) {
            part = keep(member, part);
        }
        if (key != null && current != null && begun > unwanted) {
            current.add(key.part(), part);
        }
    }

    private Sample.Part part(TarMember member) {
        if (member.isLink()) {
            Sample.Part target = linked.get(member.target());
            return target != null
                    ? target
                    : Sample.Part.broken(
                            member.name(),
                            "a link: " + FileNames.shown(member.name()) + " leads to " + FileNames.shown(member.link())
                                    + ", which does not come before it in the archive");
        }
        String problem = tar.problem(member);
        return problem.isEmpty()
                ? new Sample.Part(member.name(), member.size(), "", () -> ByteBuffer.wrap(tar.read(member)))
                : Sample.Part.broken(member.name(), problem);
    }

    /** Keeps a member for the links that lead to it: of a compressed archive its bytes, as far as these are not too many. */
    private Sample.Part keep(TarMember member, Sample.Part part) throws IOException {
        Sample.Part stays = part;
        if (!member.isLink() && part.problem().isEmpty()) {
            kept += tar.isCompressed() ? member.size() : 0;
            if (kept > MAX_KEPT) {
                stays = Sample.Part.broken(
                        member.name(),
                        "a link: it leads to " + FileNames.shown(member.name())
                                + ", and of a compressed archive no more than " + MAX_KEPT
                                + " bytes are kept for links");
                linked.put(FileNames.normal(member.name()), stays);
                return part;
            }
            stays = new Sample.Part(member.name(), member.size(), "", tar.content(member));
        }
        linked.put(FileNames.normal(member.name()), stays);
        return stays;
    }
}
