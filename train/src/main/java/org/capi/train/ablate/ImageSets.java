package org.capi.train.ablate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.capi.data.arrow.DatasetPath;
import org.capi.data.batch.Images;

/**
 * The image sets of the command line, for which recipes have names in braces: {@code {data}:val} is the split {@code val}
 * of what {@code --data} names first, {@code {ade}} what {@code --set ade=DIR} names.
 */
public final class ImageSets {

    private static final String DATA = "data";
    private static final Pattern NAME = Pattern.compile("\\{([^{}]*)}");

    private final String data;
    private final Map<String, String> folders;

    private ImageSets(String data, Map<String, String> folders) {
        this.data = data;
        this.folders = folders;
    }

    /**
     * Reads the options.
     *
     * @param data {@code DIR[:SPLIT][,DIR...]}
     * @param others each {@code NAME=DIR}
     */
    public static ImageSets of(String data, List<String> others) {
        Map<String, String> folders = new LinkedHashMap<>();
        String first = data.split(",", -1)[0];
        folders.put(DATA, absolute(DatasetPath.parse(first).folder().toString()));
        for (String other : others) {
            int equals = other.indexOf('=');
            if (equals < 1 || equals == other.length() - 1) {
                throw new IllegalArgumentException("--set is NAME=DIR, was " + other);
            }
            String name = other.substring(0, equals);
            if (folders.put(name, absolute(other.substring(equals + 1))) != null) {
                throw new IllegalArgumentException("--set " + name + " is given twice, or is what --data names");
            }
        }
        return new ImageSets(Images.absolute(data), folders);
    }

    /** The ablation may go on from another working directory. */
    private static String absolute(String set) {
        return DatasetPath.parse(set).absolute();
    }

    /** What variants are trained on that name no images of their own. */
    String data() {
        return data;
    }

    /** A text with every name in braces replaced; an unknown one is refused. */
    String resolve(String text) {
        Matcher names = NAME.matcher(text);
        var resolved = new StringBuilder();
        while (names.find()) {
            String folder = folders.get(names.group(1));
            if (folder == null) {
                throw new IllegalArgumentException("the recipe names the images {" + names.group(1)
                        + "}, which are not given: add --set " + names.group(1) + "=DIR; given: "
                        + new ArrayList<>(folders.keySet()));
            }
            names.appendReplacement(resolved, Matcher.quoteReplacement(folder));
        }
        return names.appendTail(resolved).toString();
    }
}
