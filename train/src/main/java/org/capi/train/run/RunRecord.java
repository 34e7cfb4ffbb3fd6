package org.capi.train.run;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.capi.data.arrow.DatasetInfo;
import org.jspecify.annotations.Nullable;
import org.tensorflow.TensorFlow;

/**
 * What {@code run.json} notes when a run begins: with what, when, and from which images.
 *
 * @param commit the commit of the source tree that the program was built from, or null outside one
 * @param commandLine as it was given; its relative paths start from {@code folder}
 * @param folder the working directory, or null in the record of an older version
 * @param started when, in ISO 8601
 * @param data the image sets, in the order in which they were named
 */
public record RunRecord(
        String version,
        @Nullable String commit,
        String tensorflow,
        String java,
        String system,
        List<String> commandLine,
        @Nullable String folder,
        String started,
        List<ImageSet> data) {

    /**
     * A dataset that the run trains on.
     *
     * @param path absolute, {@code DIR[:SPLIT]}; as it was given on the command line in a record of an older version
     * @param fingerprint of the images, see {@link DatasetInfo#fingerprint}; null in a record of an older version
     */
    public record ImageSet(
            String path, long images, @Nullable String fingerprint) {

        public ImageSet {
            if (path == null || path.isBlank()) {
                throw new IllegalArgumentException("an image set must have a path");
            }
        }
    }

    public RunRecord {
        commandLine = List.copyOf(commandLine);
        data = List.copyOf(data);
    }

    /** What there is to note now, on this machine. */
    public static RunRecord now(List<String> commandLine, List<ImageSet> data) {
        String version = RunRecord.class.getPackage().getImplementationVersion();
        return new RunRecord(
                version == null ? "development" : version,
                SourceTree.commit().orElse(null),
                TensorFlow.version(),
                System.getProperty("java.version"),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                commandLine,
                Path.of("").toAbsolutePath().toString(),
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                data);
    }
}
