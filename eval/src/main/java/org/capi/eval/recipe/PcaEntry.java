package org.capi.eval.recipe;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Transform;
import org.capi.eval.pictures.PcaPictures;
import org.jspecify.annotations.Nullable;

/**
 * Pictures of the principal components of feature maps.
 *
 * @param images how many; 8 if it is not said
 */
public record PcaEntry(
        String data,
        @Nullable Integer images,
        @Nullable Integer imageSize,
        @Nullable String transform) implements RecipeEntry {

    public PcaEntry {
        RecipeEntry.required("data", data);
    }

    @Override
    public String title() {
        return "principal components, " + data;
    }

    @Override
    public void check() {
        pictures(1, 1);
        ImageDataset.open(data).close();
    }

    @Override
    public List<Representation> features() {
        return List.of(Representation.PATCHES);
    }

    @Override
    public Result run(LoadedModel model, RecipeContext context) throws IOException {
        try (ImageDataset dataset = ImageDataset.open(data)) {
            Path folder = context.folder();
            PcaPictures.Views views = pictures(RecipeContext.imageSize(model, imageSize), context.threads())
                    .views(model, dataset, context.progress().part("encoding"));
            views.write(folder);
            String heading = title() + ": " + model.name();
            return new Result(
                    List.of(),
                    List.of(
                            Plates.of(
                                    heading,
                                    "The first three as red, green and blue: of each image on its own, and of all images"
                                            + " together, where one colour means one thing.",
                                    folder.resolve(PcaPictures.COLOURS)),
                            Plates.of(
                                    heading + ", one by one",
                                    "Those of all images together, from blue to red.",
                                    folder.resolve(PcaPictures.COMPONENTS)),
                            Plates.of(
                                    heading + ", with other signs",
                                    "The sign of a component is chosen by its skewness; these are all choices.",
                                    folder.resolve(PcaPictures.FLIPS))));
        }
    }

    private PcaPictures pictures(int side, int threads) {
        return new PcaPictures(
                RecipeEntry.or(images, PcaPictures.IMAGES),
                side,
                transform == null ? Transform.SQUASH : Transform.named(transform),
                threads);
    }
}
