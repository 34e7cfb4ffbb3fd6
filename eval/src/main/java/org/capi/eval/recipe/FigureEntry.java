package org.capi.eval.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.DurableFile;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Transform;
import org.capi.eval.pictures.DictionaryPictures;
import org.capi.eval.pictures.PcaPictures;
import org.capi.eval.pictures.PcaPictures.ImageMeans;
import org.capi.eval.report.Section;
import org.jspecify.annotations.Nullable;

/** Pictures of the features of some images' patches. */
public sealed interface FigureEntry extends RecipeEntry {

    int IMAGES = 8;

    String data();

    void checkSettings();

    /** Draws and writes into a folder; returns how many images there are. */
    int draw(LoadedModel model, ImageDataset dataset, int side, Path folder, int threads, Progress progress)
            throws IOException;

    /** What was drawn, as sections of a report. */
    List<Section> figures(String heading, Path folder) throws IOException;

    @Override
    default List<Representation> features() {
        return List.of(Representation.PATCHES);
    }

    @Override
    default void check() {
        checkSettings();
        ImageDataset.open(data()).close();
    }

    /** Draws and writes into a folder; returns how many images there are. */
    default int draw(LoadedModel model, Path folder, int threads, Progress progress) throws IOException {
        try (ImageDataset dataset = ImageDataset.open(data())) {
            return draw(model, dataset, side(model), folder, threads, progress);
        }
    }

    @Override
    default Result run(LoadedModel model, Context context) throws IOException {
        draw(model, context.folder(), context.threads(), context.progress().part("encoding"));
        return new Result(List.of(), figures(title() + ": " + model.name(), context.folder()), List.of());
    }

    /**
     * Principal components of feature maps.
     *
     * @param images how many
     */
    record PcaEntry(
            String data, Integer images, @Nullable Integer imageSize, Transform transform, ImageMeans imageMeans)
            implements FigureEntry {

        public PcaEntry {
            RecipeEntry.required("data", data);
            images = RecipeEntry.or(images, IMAGES);
            transform = RecipeEntry.or(transform, Transform.SQUASH);
            imageMeans = RecipeEntry.or(imageMeans, ImageMeans.REMOVED);
        }

        @Override
        public String title() {
            return "principal components, " + data;
        }

        @Override
        public void checkSettings() {
            new PcaPictures(images, 1, transform, imageMeans, 1);
        }

        @Override
        public int draw(LoadedModel model, ImageDataset dataset, int side, Path folder, int threads, Progress progress)
                throws IOException {
            var views = new PcaPictures(images, side, transform, imageMeans, threads).views(model, dataset, progress);
            views.write(folder);
            return views.colours().rows().size();
        }

        @Override
        public List<Section> figures(String heading, Path folder) throws IOException {
            return List.of(
                    EntrySections.figure(
                            heading,
                            "The three strongest components of the patch features as red, green and blue. In the"
                                    + " middle, each image on its own: its colours cannot be compared with those of"
                                    + " other images. On the right, all images together"
                                    + (imageMeans == ImageMeans.REMOVED
                                            ? ", after the mean of each image was subtracted"
                                            : "")
                                    + ": patches of the same colour have similar features. Objects should stand out"
                                    + " from the background.",
                            folder.resolve(PcaPictures.COLOURS),
                            List.of()),
                    EntrySections.figure(
                            heading + ", one by one",
                            "Each component of all images together, strongest first, from blue (low) to red (high).",
                            folder.resolve(PcaPictures.COMPONENTS),
                            List.of()),
                    EntrySections.figure(
                            heading + ", with other signs",
                            "The sign of a component is arbitrary. These are the same colours with every choice of"
                                    + " signs for the first three.",
                            folder.resolve(PcaPictures.FLIPS),
                            List.of()));
        }
    }

    /**
     * Dictionaries of patches.
     *
     * @param images how many
     * @param alpha the weight of the codes
     */
    record DictionaryEntry(
            String data, Integer images, @Nullable Integer imageSize, Transform transform, Double alpha)
            implements FigureEntry {

        public DictionaryEntry {
            RecipeEntry.required("data", data);
            images = RecipeEntry.or(images, IMAGES);
            transform = RecipeEntry.or(transform, Transform.SQUASH);
            alpha = RecipeEntry.or(alpha, 1.0);
        }

        @Override
        public String title() {
            return "dictionaries, " + data;
        }

        @Override
        public void checkSettings() {
            new DictionaryPictures(images, 1, transform, alpha, 1);
        }

        @Override
        public int draw(LoadedModel model, ImageDataset dataset, int side, Path folder, int threads, Progress progress)
                throws IOException {
            var grid = new DictionaryPictures(images, side, transform, alpha, threads).draw(model, dataset, progress);
            DurableFile.write(Files.createDirectories(folder).resolve(DictionaryPictures.FILE), grid.png());
            return grid.rows().size();
        }

        @Override
        public List<Section> figures(String heading, Path folder) throws IOException {
            String note = "Dictionary learning describes each patch as a sum of a few learned vectors (atoms). Each"
                    + " atom has a colour, and patches that share a colour share an atom.";
            return List.of(EntrySections.figure(heading, note, folder.resolve(DictionaryPictures.FILE), List.of()));
        }
    }
}
