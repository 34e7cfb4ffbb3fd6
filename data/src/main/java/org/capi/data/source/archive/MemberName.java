package org.capi.data.source.archive;

import java.util.stream.Stream;
import org.capi.data.files.FileNames;
import org.capi.data.source.ImageNames;
import org.capi.data.source.PassedOver;
import org.jspecify.annotations.Nullable;

/** The names in an archive as paths below its top. */
final class MemberName {

    private MemberName() {}

    /** The path of an image, without {@code .}, {@code ..} and a leading {@code /}; null for what is hidden or no image. */
    static @Nullable String image(String path) {
        String normal = FileNames.normal(path);
        boolean hidden = Stream.of(normal.split("/", -1)).anyMatch(ImageNames::isHidden);
        return hidden || !ImageNames.isImage(normal.substring(normal.lastIndexOf('/') + 1)) ? null : normal;
    }

    /** Counts a member that is not taken as an image. */
    static void passOver(Member member, PassedOver passed) {
        String normal = FileNames.normal(member.path());
        boolean hidden = Stream.of(normal.split("/", -1)).anyMatch(ImageNames::isHidden);
        boolean image = ImageNames.isImage(normal.substring(normal.lastIndexOf('/') + 1));
        if (hidden ? image : member.problem().isEmpty()) {
            passed.add(hidden ? PassedOver.Kind.HIDDEN_IMAGES : PassedOver.Kind.NOT_IMAGES, normal);
        } else if (!member.problem().isEmpty()) {
            passed.add(PassedOver.Kind.LINKS, normal);
        }
    }
}
