package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.source.EntryReader;

/** One archive of a WebDataset. */
record TarShard(Path file, String name, long entries) implements Shard {

    private static final Logger log = LogManager.getLogger(TarShard.class);

    /** Counts an archive's samples by its headers alone; a file that does not begin as an archive is refused. */
    static TarShard scan(Path file, String name) throws IOException {
        long samples = 0;
        try (TarStream tar = TarStream.open(file)) {
            String last = null;
            for (TarMember member = tar.next(); member != null; member = tar.next()) {
                SampleKey key = SampleKey.of(member.name());
                if (key != null && !key.key().equals(last)) {
                    samples++;
                    last = key.key();
                }
            }
        } catch (TarDamage e) {
            if (samples == 0) {
                throw new IllegalArgumentException("not a tar archive: " + file + ": " + e.getMessage(), e);
            }
            log.warn("{} holds {} samples up to where it breaks off: {}", file, samples, e.getMessage());
        }
        return new TarShard(file, name, samples);
    }

    @Override
    public EntryReader open() throws IOException {
        return new SampleReader(TarStream.open(file), name);
    }
}
