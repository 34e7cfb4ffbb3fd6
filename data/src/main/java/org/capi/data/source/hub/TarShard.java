package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.source.EntryReader;
import org.capi.data.source.PassedOver;
import org.capi.data.source.tar.TarDamage;
import org.capi.data.source.tar.TarMember;
import org.capi.data.source.tar.TarStream;

/**
 * One archive of a WebDataset.
 *
 * @param targets the members that its links lead to
 * @param labels whether its samples have their labels
 */
record TarShard(Path file, String name, long entries, Set<String> targets, boolean labels) implements Shard {

    private static final Logger log = LogManager.getLogger(TarShard.class);

    /** Counts an archive's samples by its headers alone; a file that does not begin as an archive is refused. */
    static TarShard scan(Path file, String name, boolean labels, PassedOver passed, List<String> notes)
            throws IOException {
        long samples = 0;
        Set<String> targets = new HashSet<>();
        try (TarStream tar = TarStream.open(file)) {
            String last = null;
            for (TarMember member = tar.next(); member != null; member = tar.next()) {
                if (member.isLink()) {
                    targets.add(member.target());
                }
                SampleKey key = SampleKey.of(member.name());
                if (key == null) {
                    passed.add(PassedOver.Kind.NO_SAMPLES, name + "/" + member.name());
                }
                if (key != null && !key.key().equals(last)) {
                    samples++;
                    last = key.key();
                }
            }
            if (!tar.trailing().isEmpty()) {
                notes.add(tar.trailing());
            }
        } catch (TarDamage e) {
            if (samples == 0) {
                throw new UnreadableFile("not a tar archive: " + file + ": " + e.getMessage(), e);
            }
            log.warn("{} holds {} samples up to where it breaks off: {}", file, samples, e.getMessage());
        }
        return new TarShard(file, name, samples, Set.copyOf(targets), labels);
    }

    @Override
    public EntryReader open() throws IOException {
        return new SampleReader(TarStream.open(file), name, targets, labels);
    }
}
