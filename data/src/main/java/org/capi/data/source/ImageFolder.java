package org.capi.data.source;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.ImageKernels;

/**
 * A folder of images: a folder for each class, nested as deep as one likes, or one flat folder without labels; children
 * that are named like splits are splits.
 */
public final class ImageFolder {

    private final Path from;
    private final List<Part> parts;

    /** One split of the source. */
    private record Part(String split, Path folder, List<Path> classFolders, List<Path> looseFiles, long files) {

        String name(Path file) {
            return folder.relativize(file).toString().replace(File.separatorChar, '/');
        }
    }

    private ImageFolder(Path from, List<Part> parts) {
        this.from = from;
        this.parts = parts;
    }

    /** Looks through a folder whose children may be splits; without such children all of it is the split train. */
    public static ImageFolder open(Path from) throws IOException {
        checkFolder(from);
        Map<String, Path> splits = new TreeMap<>();
        for (Path child : FolderWalk.folders(from)) {
            String split = Splits.FOLDER_NAMES.get(FolderWalk.name(child));
            Path other = split == null ? null : splits.put(split, child);
            if (other != null) {
                throw new IllegalArgumentException(other + " and " + child + " would both be the split " + split);
            }
        }
        if (splits.isEmpty()) {
            return open(from, "train");
        }
        List<Part> parts = new ArrayList<>();
        for (var split : splits.entrySet()) {
            parts.add(part(split.getKey(), split.getValue()));
        }
        return new ImageFolder(from, List.copyOf(parts));
    }

    /** Takes all of a folder as one split. */
    public static ImageFolder open(Path from, String split) throws IOException {
        checkFolder(from);
        return new ImageFolder(from, List.of(part(split, from)));
    }

    /** Writes every split below a dataset's folder; on failure none is left there. */
    public List<ImportedSplit> importTo(Path to, ImportOptions options, Progress progress) throws IOException {
        parts.forEach(part -> Splits.checkNew(to, part.split));
        var names = new TreeSet<String>();
        parts.forEach(part -> part.classFolders.forEach(folder -> names.add(FolderWalk.name(folder))));
        List<String> classes = Splits.classes(to, names);
        long total = parts.stream().mapToLong(Part::files).sum();
        try (var run = new ImportRun(to, options, total, progress);
                var kernels = new ImageKernels()) {
            for (Part part : parts) {
                run.begin(part.split);
                offer(part, classes, run, kernels);
                run.end();
            }
            return run.finish("imagefolder " + from.toAbsolutePath().normalize(), classes);
        }
    }

    private static void offer(Part part, List<String> classes, ImportRun run, ImageKernels kernels) throws IOException {
        for (Path folder : part.classFolders) {
            int label = classes.indexOf(FolderWalk.name(folder));
            FolderWalk.below(part.folder, folder, file -> {
                String name = part.name(file);
                run.offer(name, () -> ImageFile.read(file, name, label, kernels));
            });
        }
        for (Path file : part.looseFiles) {
            String name = part.name(file);
            if (part.classFolders.isEmpty()) {
                run.offer(name, () -> ImageFile.read(file, name, ImageRecord.UNLABELLED, kernels));
            } else {
                run.skip(name, "lies beside the class folders");
            }
        }
    }

    private static Part part(String split, Path folder) throws IOException {
        List<Path> classFolders = new ArrayList<>();
        List<Path> looseFiles = FolderWalk.files(folder);
        long files = looseFiles.size();
        for (Path child : FolderWalk.folders(folder)) {
            long count = FolderWalk.count(folder, child);
            if (count > 0) {
                classFolders.add(child);
                files += count;
            }
        }
        if (files == 0) {
            throw new IllegalArgumentException("no image files in " + folder + " (JPEG, PNG, GIF and BMP are read)");
        }
        return new Part(split, folder, List.copyOf(classFolders), looseFiles, files);
    }

    private static void checkFolder(Path from) {
        if (!Files.exists(from)) {
            throw new IllegalArgumentException("no such folder: " + from);
        }
        if (!Files.isDirectory(from)) {
            throw new IllegalArgumentException("not a folder: " + from);
        }
    }
}
