package org.capi.data.source.hub;

import java.io.IOException;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.jspecify.annotations.Nullable;

/** Reads the samples of one archive, holding one and the first file of the next. */
final class SampleReader implements EntryReader {

    private final TarStream tar;
    private final String archive;
    private @Nullable Sample sample;
    private boolean ended;
    private long begun;
    private long given;
    private long unwanted; // samples before this one are passed over unread

    SampleReader(TarStream tar, String archive) {
        this.tar = tar;
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
        SampleKey key = SampleKey.of(member.name());
        if (key == null) {
            return;
        }
        Sample current = sample;
        if (current == null || !current.has(key)) {
            current = new Sample(key.key());
            sample = current;
            begun++;
        }
        if (begun > unwanted) {
            current.add(key.part(), member, tar);
        }
    }
}
