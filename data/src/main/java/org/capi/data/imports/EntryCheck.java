package org.capi.data.imports;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.LabelMap;
import org.capi.data.source.Entry;
import org.capi.data.source.FileContent;
import org.capi.data.source.Label;
import org.jspecify.annotations.Nullable;

/**
 * Looks at entries, on any thread: reads them and makes sure that they can be decoded.
 *
 * @param mapClasses how many classes the values of label maps have, where images have no label of their own; 0 for any
 */
record EntryCheck(ImageKernels kernels, ImportOptions options, int mapClasses) {

    /** An entry that was looked at: the image is sound, still without its label, or there is a problem. */
    record Checked(String name, Label label, @Nullable ImageRecord image, String problem) {}

    Checked check(Entry entry) {
        try {
            return new Checked(entry.name(), entry.label(), read(entry), "");
        } catch (IOException e) {
            return new Checked(entry.name(), entry.label(), null, firstLine(String.valueOf(e.getMessage())));
        } catch (RuntimeException e) {
            // A decoder that fails in a way of its own must not end an import of millions.
            return new Checked(entry.name(), entry.label(), null, firstLine("cannot be decoded: " + e));
        } catch (OutOfMemoryError | StackOverflowError e) {
            String problem = "cannot be decoded: it needs more memory than there is (java -Xmx)";
            return new Checked(entry.name(), entry.label(), null, problem);
        }
    }

    private ImageRecord read(Entry entry) throws IOException {
        ByteBuffer image = entry.image().read();
        String tooLarge = FileContent.problem(image.remaining());
        if (!tooLarge.isEmpty()) {
            throw new IOException(tooLarge);
        }
        ImageHeader header = kernels.check(image, options.maxPixels());
        Entry.Content map = entry.labelMap();
        // A label map lies over the image as it is stored, so such an image is never turned.
        ImageHeader seen = map == null ? header : header.asStored();
        ByteBuffer labelMap = map == null
                ? null
                : LabelMap.grey(
                        map.read(),
                        seen.height(),
                        seen.width(),
                        options.ignored(),
                        entry.label() instanceof Label.None ? mapClasses : 0);
        return new ImageRecord(entry.name(), image, ImageRecord.UNLABELLED, labelMap, seen.width(), seen.height());
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
