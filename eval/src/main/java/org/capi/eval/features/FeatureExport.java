package org.capi.eval.features;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.DurableFile;

/** Features written for other programs: an Arrow or a Parquet file with the columns of {@link FeatureFile}. */
public final class FeatureExport {

    private final Path file;
    private final boolean parquet;

    private FeatureExport(Path file, boolean parquet) {
        this.file = file;
        this.parquet = parquet;
    }

    /** Chooses the format by the end of the file's name. */
    public static FeatureExport to(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(".arrow") && !name.endsWith(".parquet")) {
            throw new IllegalArgumentException("features are written to a .arrow or a .parquet file, was " + file);
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IllegalArgumentException("no folder for the features: " + folder);
        }
        return new FeatureExport(file, name.endsWith(".parquet"));
    }

    /** Encodes every image and writes the file beside its place, then moves it there. */
    public FeatureShape write(
            FeatureExtraction extraction,
            LoadedModel model,
            Representation representation,
            Transform transform,
            ImageDataset dataset,
            Progress progress)
            throws IOException {
        var key = new FeatureKey(
                model.checksum(), Checksums.ofDataset(dataset), transform, representation, extraction.imageSize());
        FeatureShape shape = model.shapes(extraction.imageSize(), List.of(representation))
                .getOrDefault(representation, FeatureShape.vector(1));
        FeatureCache.Making making =
                sink -> extraction.encode(model.encoder(), representation, transform, dataset, progress, sink);
        if (!parquet) {
            FeatureCache.write(file, key.notes(), dataset.classes(), making);
            return shape;
        }
        Path beside = DurableFile.beside(file);
        beside.toFile().deleteOnExit(); // when the program is interrupted
        try (var writer = new ParquetSink(beside, key.notes(), dataset.classes())) {
            making.into(writer);
        } catch (IOException | RuntimeException | Error e) {
            Files.deleteIfExists(beside);
            throw e;
        }
        DurableFile.move(beside, file);
        return shape;
    }
}
