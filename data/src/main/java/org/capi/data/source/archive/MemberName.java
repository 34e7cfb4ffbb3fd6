package org.capi.data.source.archive;

import java.util.ArrayDeque;
import java.util.Deque;
import org.capi.data.source.ImageNames;
import org.jspecify.annotations.Nullable;

/** The names in an archive as paths below its top. */
final class MemberName {

    private MemberName() {}

    /** The path of an image, without {@code .}, {@code ..} and a leading {@code /}; null for what is hidden or no image. */
    static @Nullable String image(String path) {
        Deque<String> segments = new ArrayDeque<>();
        for (String segment : path.split("/", -1)) {
            if (segment.equals("..")) {
                segments.pollLast();
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                segments.addLast(segment);
            }
        }
        if (segments.isEmpty()
                || segments.stream().anyMatch(ImageNames::isHidden)
                || !ImageNames.isImage(segments.getLast())) {
            return null;
        }
        return String.join("/", segments);
    }
}
