package org.capi.data.source.tar;

import org.capi.data.files.FileNames;
import org.capi.data.source.FileContent;

/**
 * A file, link or device in a tar archive.
 *
 * @param size the bytes of its contents in the archive
 * @param offset where these begin in the archive, once unpacked
 * @param link what a link leads to, as the archive spells it; empty for what is no link
 * @param type the type flag
 */
public record TarMember(String name, long size, long offset, String link, char type) {

    static final char HARD_LINK = '1';
    static final char SYMBOLIC_LINK = '2';
    static final char SPARSE = 'S';

    /** Whether another name stands for the contents. */
    public boolean isLink() {
        return type == HARD_LINK || type == SYMBOLIC_LINK;
    }

    /** The member that a link leads to, as a path below the archive's top; the archive need not hold it. */
    public String target() {
        return type == HARD_LINK || link.startsWith("/")
                ? FileNames.normal(link)
                : FileNames.normal(name.substring(0, name.lastIndexOf('/') + 1) + link);
    }

    /** Why its contents cannot be read, {@code reason: detail}; empty where they can. */
    public String problem() {
        if (isLink()) {
            return "a link: links in an archive are not followed, this one leads to " + FileNames.shown(link);
        }
        if (type == SPARSE) {
            return "a sparse file: such files are not read from an archive";
        }
        if (type >= '3' && type <= '6') {
            return "not a file: a device or pipe";
        }
        return FileContent.problem(size);
    }
}
