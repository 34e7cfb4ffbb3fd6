package org.capi.data.source;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.capi.data.files.FileNames;
import org.jspecify.annotations.Nullable;

/** The names of splits in every kind of collection, and which split a file belongs to by its name and folders. */
public final class SplitNames {

    /** The split of files whose names name none. */
    public static final String DEFAULT = "train";

    private static final Map<String, String> WORDS = Map.of(
            "train", "train",
            "training", "train",
            "val", "val",
            "valid", "val",
            "validation", "val",
            "dev", "val",
            "test", "test",
            "testing", "test");

    // As in train-00000-of-00002.parquet: the split, the file's number and the number of files.
    private static final Pattern NUMBERED =
            Pattern.compile("(.+)[-_.](\\d{1,9})[-_]of[-_](\\d{1,9})(-[0-9a-z]+)?(\\.\\w+)+");
    private static final Pattern SEPARATOR = Pattern.compile("[^A-Za-z0-9]+");
    private static final Pattern END_DIGITS = Pattern.compile("[-_.]?\\d+$");
    private static final Pattern SUFFIX = Pattern.compile("(\\.tar)?\\.\\w+$");
    private static final int MAX_NAMED = 5;

    private SplitNames() {}

    /** The split that a word means, in capitals or not; null for other words. */
    public static @Nullable String of(String word) {
        return WORDS.get(word.toLowerCase(Locale.ROOT));
    }

    /** The name under which a split is kept: validation is val. */
    public static String canonical(String split) {
        String known = of(split);
        return known != null ? known : split.replace('.', '_');
    }

    /** Whether a name can be that of a folder, and stand in {@code DIR:SPLIT}. */
    public static boolean isName(String split) {
        return split.matches("[A-Za-z0-9_-]+");
    }

    /** Refuses a name that cannot be that of a folder or stand in {@code DIR:SPLIT}. */
    public static void check(String split) {
        if (!isName(split)) {
            throw new IllegalArgumentException(
                    "a split's name is made of letters, digits, '_' and '-', was '" + split + "'");
        }
    }

    /** Folders named like splits lie next to other folders with images: which of the two was meant cannot be seen. */
    public static IllegalArgumentException mixed(Path from, Collection<String> splits, Collection<String> others) {
        String first = String.join(
                ", ", others.stream().limit(MAX_NAMED).map(FileNames::shown).toList());
        return new IllegalArgumentException(from + " has folders of splits (" + String.join(", ", splits)
                + ") next to other folders with images (" + first + (others.size() > MAX_NAMED ? ", ..." : "")
                + "): --split train takes every folder as a class of one split; else give the folder of one split");
    }

    /**
     * What a path tells of its split.
     *
     * @param word the known split that it names, or null
     * @param own the name that it would have as a split of its own, such as train_small; null where it has only the
     *     word
     * @param isOwn whether that is its split, however other files are named
     */
    private record Hint(@Nullable String word, @Nullable String own, boolean isOwn) {}

    /**
     * Sorts files into splits by their paths, which have slashes; where no path names a split, all are the split train.
     *
     * <p>In {@code NAME-00000-of-00002.parquet} the name is the split. Elsewhere {@code train_small} is a split of its
     * own only where other files are of the split train.
     */
    public static <T> Map<String, List<T>> group(List<T> files, Function<? super T, String> path) {
        Map<String, Set<String>> names = new HashMap<>(); // by word, those that files have for it
        for (T file : files) {
            Hint hint = hint(path.apply(file));
            if (hint.word != null && !hint.isOwn) {
                names.computeIfAbsent(hint.word, w -> new HashSet<>()).add(hint.own == null ? hint.word : hint.own);
            }
        }
        Map<String, List<T>> splits = new TreeMap<>();
        List<T> others = new ArrayList<>();
        for (T file : files) {
            Hint hint = hint(path.apply(file));
            if (hint.word == null) {
                others.add(file);
                continue;
            }
            boolean alone =
                    !hint.isOwn && names.getOrDefault(hint.word, Set.of()).size() == 1;
            String split = hint.own == null || alone ? hint.word : hint.own;
            splits.computeIfAbsent(split, s -> new ArrayList<>()).add(file);
        }
        Function<T, String> prefix = file -> {
            String found = prefix(path.apply(file));
            return found == null ? DEFAULT : found;
        };
        boolean several =
                !splits.isEmpty() || others.stream().map(prefix).distinct().count() > 1;
        for (T file : others) {
            splits.computeIfAbsent(several ? prefix.apply(file) : DEFAULT, s -> new ArrayList<>())
                    .add(file);
        }
        return splits;
    }

    /** The known split that a file's own name or its nearest folder names, or null. */
    public static @Nullable String ofPath(String path) {
        String[] parts = path.split("/", -1);
        for (int i = parts.length - 1; i >= 0; i--) {
            String split = word(parts[i]);
            if (split != null) {
                return split;
            }
        }
        return null;
    }

    /** The part before the numbers in {@code extra-00000-of-00002.parquet}, or null for a name of another form. */
    public static @Nullable String prefix(String path) {
        Matcher numbered = numbered(path);
        return numbered.matches() ? canonical(numbered.group(1)) : null;
    }

    /**
     * Matches a file's own name against {@code NAME-00000-of-00002.parquet}: the groups are the name and the two
     * numbers.
     */
    public static Matcher numbered(String path) {
        return NUMBERED.matcher(path.substring(path.lastIndexOf('/') + 1));
    }

    private static Hint hint(String path) {
        String word = ofPath(path);
        if (word == null) {
            return new Hint(null, null, false);
        }
        Matcher numbered = numbered(path);
        if (numbered.matches() && word(numbered.group(1)) != null) {
            return ofNumbered(word, numbered.group(1));
        }
        String[] parts = path.split("/", -1);
        int part = parts.length - 1;
        while (word(parts[part]) == null) {
            part--;
        }
        String name = parts[part];
        if (part == parts.length - 1) {
            name = END_DIGITS.matcher(SUFFIX.matcher(name).replaceFirst("")).replaceFirst("");
        }
        String own = canonical(name);
        return new Hint(word, isVariant(name) && isName(own) ? own : null, false);
    }

    private static Hint ofNumbered(String word, String prefix) {
        String last = prefix.substring(prefix.lastIndexOf('-') + 1);
        if (!isVariant(prefix) && isVariant(last)) {
            return new Hint(word, canonical(last), true); // NAME-SPLIT, as datasets names its cache
        }
        String[] words = SEPARATOR.split(prefix, -1);
        if (!isVariant(prefix) && of(words[words.length - 1]) != null) {
            return new Hint(word, null, false);
        }
        boolean onlyDigits = of(END_DIGITS.matcher(prefix).replaceFirst("")) != null; // train2017
        return new Hint(word, canonical(prefix), !onlyDigits);
    }

    /** Whether a name begins with the word of a split and continues with another word, such as train_small. */
    private static boolean isVariant(String name) {
        String[] words = SEPARATOR.split(name, 2);
        return words.length == 2 && of(words[0]) != null && words[1].matches(".*[A-Za-z].*");
    }

    private static @Nullable String word(String name) {
        for (String word : SEPARATOR.split(name, -1)) {
            String split = of(word.replaceFirst("\\d+$", ""));
            if (split != null) {
                return split;
            }
        }
        return null;
    }
}
