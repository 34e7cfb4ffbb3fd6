package org.capi.eval.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.DurableFile;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Transform;
import org.capi.eval.pictures.DictionaryPictures;
import org.jspecify.annotations.Nullable;

/**
 * Pictures of dictionaries of patches.
 *
 * @param images how many; 8 if it is not said
 * @param alpha the price of a code; 1 if it is not said
 */
public record DictionaryEntry(
        String data,
        @Nullable Integer images,
        @Nullable Double alpha,
        @Nullable Integer imageSize,
        @Nullable String transform)
        implements RecipeEntry {

    public DictionaryEntry {
        RecipeEntry.required("data", data);
    }

    @Override
    public String title() {
        return "dictionaries, " + data;
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
            Path picture = Files.createDirectories(context.folder()).resolve(DictionaryPictures.FILE);
            DurableFile.write(
                    picture,
                    pictures(RecipeContext.imageSize(model, imageSize), context.threads())
                            .draw(model, dataset, context.progress().part("encoding"))
                            .png());
            String note = "Which of a few learnt atoms each patch is made of, a colour for each.";
            return new Result(List.of(), List.of(Plates.of(title() + ": " + model.name(), note, picture)));
        }
    }

    private DictionaryPictures pictures(int side, int threads) {
        return new DictionaryPictures(
                images == null ? DictionaryPictures.IMAGES : images,
                side,
                transform == null ? Transform.SQUASH : Transform.named(transform),
                alpha == null ? DictionaryPictures.ALPHA : alpha,
                threads);
    }
}
