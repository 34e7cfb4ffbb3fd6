package org.capi.train.ablate;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.capi.data.arrow.DatasetPath;
import org.capi.data.batch.Images;

/**
 * The image sets of the command line, as absolute paths: an ablation may be continued from another working directory.
 * Recipes have names for them in braces: {@code {data}:val} is the split {@code val} of what {@code --data} names
 * first, {@code {ade}} what {@code --set ade=DIR} names.
 *
 * @param data the images of variants that have none of their own
 * @param folders by the names in braces
 */
public record ImageSets(String data, Map<String, String> folders) {

    private static final Pattern NAME = Pattern.compile("\\{([^{}]*)}");

    public ImageSets {
        folders = RecipeFile.copy(folders);
    }

    /**
     * Reads the options.
     *
     * @param data {@code DIR[:SPLIT][,DIR...]}
     * @param others each {@code NAME=DIR}
     */
    public static ImageSets of(String data, List<String> others) {
        Map<String, String> folders = new LinkedHashMap<>();
        String first = DatasetPath.parse(data.split(",", -1)[0]).folder().toString();
        folders.put("data", DatasetPath.parse(first).absolute());
        for (String other : others) {
            int equals = other.indexOf('=');
            if (equals < 1 || equals == other.length() - 1) {
                throw new IllegalArgumentException("--set is NAME=DIR, was " + other);
            }
            String name = other.substring(0, equals);
            String folder = DatasetPath.parse(other.substring(equals + 1)).absolute();
            if (folders.put(name, folder) != null) {
                throw new IllegalArgumentException("--set " + name + " is given twice, or is what --data names");
            }
        }
        return new ImageSets(Images.absolute(data), folders);
    }

    /** A text with every name in braces replaced; an unknown one is refused. */
    String resolve(String text) {
        return NAME.matcher(text).replaceAll(name -> {
            String folder = folders.get(name.group(1));
            if (folder == null) {
                throw new IllegalArgumentException("the recipe names the images {" + name.group(1)
                        + "}, which are not given: add --set " + name.group(1) + "=DIR; given: " + folders.keySet());
            }
            return Matcher.quoteReplacement(folder);
        });
    }
}
