package org.capi.data.imports;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.Source;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.Source.Scanned;
import org.capi.data.source.Source.ScannedSplit;
import org.capi.data.source.Source.SourceOptions;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.archive.ImageArchive;
import org.capi.data.source.folder.ImageFolder;
import org.capi.data.source.folder.ListFile;
import org.capi.data.source.folder.SegmentationFolder;
import org.capi.data.source.hub.HuggingFaceArrow;
import org.capi.data.source.hub.ParquetFiles;
import org.capi.data.source.hub.WebDataset;
import org.jspecify.annotations.Nullable;

/** The kinds of collections that can be imported. */
public enum SourceKind {
    IMAGEFOLDER("a folder for each class, or one flat folder without labels"),
    SEGFOLDER("a folder of images next to one of label maps, as ADE20K or PASCAL VOC have them"),
    ARCHIVE("an image folder in a tar, tar.gz, tar.bz2, tar.xz or zip file, which is not unpacked"),
    LIST("a text file with a path, a tab and a label in every line"),
    WEBDATASET("tar files of WebDataset (.jpg, .png, ... with .cls or .json)"),
    PARQUET("Parquet files as the Hugging Face hub serves them"),
    HF_ARROW("what save_to_disk of Hugging Face datasets leaves, or its Arrow files");

    private final String meaning;

    SourceKind(String meaning) {
        this.meaning = meaning;
    }

    /** Opens a collection; with a split's name all of it is that split, else the collection names its splits. */
    public Source open(Path from, @Nullable String split) throws IOException {
        return switch (this) {
            case IMAGEFOLDER -> split == null ? ImageFolder.open(from) : ImageFolder.open(from, split);
            case SEGFOLDER -> split == null ? SegmentationFolder.open(from) : SegmentationFolder.open(from, split);
            case ARCHIVE -> split == null ? ImageArchive.open(from) : ImageArchive.open(from, split);
            case LIST -> split == null ? ListFile.open(from) : ListFile.open(from, split);
            case WEBDATASET -> WebDataset.open(from, split);
            case PARQUET -> ParquetFiles.open(from, split);
            case HF_ARROW -> HuggingFaceArrow.open(from, split);
        };
    }

    /** Opens a collection, with or without its labels. */
    public Source openWith(SourceOptions options, Path from) throws IOException {
        if (!options.labels() && this == SEGFOLDER) {
            throw new IllegalArgumentException(
                    "--no-labels leaves out the labels of images, a collection of the kind segfolder has none");
        }
        Source source = switch (this) {
            case WEBDATASET -> WebDataset.openWith(options, from);
            case PARQUET -> ParquetFiles.openWith(options, from);
            case HF_ARROW -> HuggingFaceArrow.openWith(options, from);
            default -> open(from, options.split());
        };
        return options.labels() ? source : unlabelled(source);
    }

    public String meaning() {
        return meaning;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Source unlabelled(Source source) {
        List<SourceSplit> splits = source.splits().stream()
                .<SourceSplit>map(split ->
                        new ScannedSplit(split.name(), split.entries(), () -> new UnlabelledReader(split.open())))
                .toList();
        return new Scanned(source.description() + ", without labels", splits, List.of(), source.notes());
    }

    private record UnlabelledReader(EntryReader reader) implements EntryReader {

        @Override
        public @Nullable Entry next() throws IOException {
            Entry entry = reader.next();
            return entry == null ? null : new Entry(entry.name(), entry.image(), Label.NONE, entry.labelMap());
        }

        @Override
        public void skip(long entries) throws IOException {
            reader.skip(entries);
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}
