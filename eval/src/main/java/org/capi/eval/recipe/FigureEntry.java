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
        return new Result(List.of(), figures(title() + ": " + model.name(), context.folder()));
    }

    /**
     * Principal components of feature maps.
     *
     * @param images how many
     */
    record PcaEntry(String data, Integer images, @Nullable Integer imageSize, Transform transform)
            implements FigureEntry {

        public PcaEntry {
            RecipeEntry.required("data", data);
            images = RecipeEntry.or(images, IMAGES);
            transform = RecipeEntry.or(transform, Transform.SQUASH);
        }

        @Override
        public String title() {
            return "principal components, " + data;
        }

        @Override
        public void checkSettings() {
            new PcaPictures(images, 1, transform, 1);
        }

        @Override
        public int draw(LoadedModel model, ImageDataset dataset, int side, Path folder, int threads, Progress progress)
                throws IOException {
            var views = new PcaPictures(images, side, transform, threads).views(model, dataset, progress);
            views.write(folder);
            return views.colours().rows().size();
        }

        @Override
        public List<Section> figures(String heading, Path folder) throws IOException {
            return List.of(
                    EntrySections.figure(
                            heading,
                            "The first three as red, green and blue: of each image on its own, and of all images"
                                    + " together, where one colour means one thing.",
                            folder.resolve(PcaPictures.COLOURS),
                            List.of()),
                    EntrySections.figure(
                            heading + ", one by one",
                            "Those of all images together, from blue to red.",
                            folder.resolve(PcaPictures.COMPONENTS),
                            List.of()),
                    EntrySections.figure(
                            heading + ", with other signs",
                            "The sign of a component is chosen by its skewness; these are all choices.",
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
            String note = "Which of a few learnt atoms each patch is made of, a colour for each.";
            return List.of(EntrySections.figure(heading, note, folder.resolve(DictionaryPictures.FILE), List.of()));
        }
    }
}
