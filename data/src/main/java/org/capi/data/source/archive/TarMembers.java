package org.capi.data.source.archive;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.source.Entry;
import org.capi.data.source.tar.TarDamage;
import org.capi.data.source.tar.TarMember;
import org.capi.data.source.tar.TarStream;
import org.jspecify.annotations.Nullable;

/** A tar archive; one that is damaged anywhere is refused. */
final class TarMembers implements Members {

    private static final Logger log = LogManager.getLogger(TarMembers.class);

    private final Path archive;
    private final TarStream tar;

    TarMembers(Path archive, TarStream tar) {
        this.archive = archive;
        this.tar = tar;
    }

    @Override
    public @Nullable Member next() throws IOException {
        TarMember member;
        try {
            member = tar.next();
        } catch (TarDamage e) {
            if (e.kind() == TarDamage.Kind.NO_END_MARK) {
                log.warn("the archive {} has no end mark: it may be cut off after its last whole member", archive);
                return null;
            }
            throw new IOException(e.ofArchive(archive), e);
        }
        if (member == null) {
            return null;
        }
        String problem = tar.problem(member);
        return problem.isEmpty()
                ? new Member(member.name(), "", () -> content(member))
                : Member.broken(member.name(), problem);
    }

    @Override
    public String trailing() {
        return tar.trailing();
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }

    private Entry.Content content(TarMember member) throws IOException {
        try {
            return tar.content(member);
        } catch (TarDamage e) {
            throw new IOException(e.ofArchive(archive), e);
        }
    }
}
