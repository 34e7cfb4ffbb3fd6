package org.capi.data.source.archive;

import java.io.IOException;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.capi.data.source.Label;
import org.jspecify.annotations.Nullable;

/** Reads the images of a split in the order of their archive. */
final class ArchiveReader implements EntryReader {

    private final ArchiveSplit split;
    private final Members members;

    /** A member that is an image of the split, and its path below the split's folder. */
    private record Found(String name, Member member) {}

    ArchiveReader(ArchiveSplit split, Members members) {
        this.split = split;
        this.members = members;
    }

    @Override
    public @Nullable Entry next() throws IOException {
        Found found = find();
        return found == null ? null : entry(found.name, found.member);
    }

    @Override
    public void skip(long entries) throws IOException {
        for (long i = 0; i < entries; i++) {
            if (find() == null) {
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        members.close();
    }

    private @Nullable Found find() throws IOException {
        Member member = members.next();
        while (member != null) {
            String path = MemberName.image(member.path());
            if (path != null && path.startsWith(split.prefix())) {
                return new Found(path.substring(split.prefix().length()), member);
            }
            member = members.next();
        }
        return null;
    }

    private Entry entry(String name, Member member) throws IOException {
        int slash = name.indexOf('/');
        if (slash < 0 && !split.classes().isEmpty()) {
            return Entry.broken(name, "lies beside the class folders");
        }
        if (!member.problem().isEmpty()) {
            return Entry.broken(name, member.problem());
        }
        Label label = slash < 0 ? Label.NONE : new Label.Named(name.substring(0, slash));
        return Entry.of(name, member.bytes().content(), label);
    }
}
