package org.capi.data.source.hub;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/** Which split a file belongs to, by its name and the names of its folders; paths have slashes. */
final class FileSplits {

    // As in train-00000-of-00002.parquet: the split, the file's number and the number of files.
    private static final Pattern NUMBERED =
            Pattern.compile("(.+)[-_.](\\d{1,9})[-_]of[-_](\\d{1,9})(-[0-9a-z]+)?(\\.\\w+)+");
    private static final Pattern SEPARATOR = Pattern.compile("[^A-Za-z0-9]+");
    private static final Pattern END_DIGITS = Pattern.compile("[-_.]?\\d+$");
    private static final Pattern SUFFIX = Pattern.compile("(\\.tar)?\\.\\w+$");

    private FileSplits() {}

    /**
     * What a path says of its split.
     *
     * @param word the known split that it speaks of, or null
     * @param own the name that it would have as a split of its own, such as train_small, or null where it has no more than the word
     * @param isOwn whether that is its split, whatever other files are named
     */
    private record Said(@Nullable String word, @Nullable String own, boolean isOwn) {}

    /**
     * Sorts files into splits by their names; where no name says anything, all of them are the split train.
     *
     * <p>In {@code NAME-00000-of-00002.parquet} the name is the split. Elsewhere {@code train_small} is a split of its own
     * only where other files are of the split train.
     */
    static Map<String, List<Shard>> bySplit(List<Shard> shards) {
        List<Said> said = shards.stream().map(shard -> said(shard.name())).toList();
        Map<String, Set<String>> names = new HashMap<>(); // by word, those that files have for it
        for (Said one : said) {
            if (one.word != null && !one.isOwn) {
                names.computeIfAbsent(one.word, w -> new HashSet<>()).add(one.own == null ? one.word : one.own);
            }
        }
        Map<String, List<Shard>> splits = new TreeMap<>();
        List<Shard> others = new ArrayList<>();
        for (int i = 0; i < shards.size(); i++) {
            Said one = said.get(i);
            if (one.word == null) {
                others.add(shards.get(i));
                continue;
            }
            boolean alone = !one.isOwn && names.getOrDefault(one.word, Set.of()).size() == 1;
            String split = one.own == null || alone ? one.word : one.own;
            splits.computeIfAbsent(split, s -> new ArrayList<>()).add(shards.get(i));
        }
        boolean severalPrefixes = !splits.isEmpty()
                || others.stream()
                                .map(shard -> prefixOrDefault(shard.name()))
                                .distinct()
                                .count()
                        > 1;
        for (Shard shard : others) {
            String split = severalPrefixes ? prefixOrDefault(shard.name()) : SplitNames.DEFAULT;
            splits.computeIfAbsent(split, s -> new ArrayList<>()).add(shard);
        }
        return splits;
    }

    /** The known split that a file's own name or its nearest folder speaks of, or null. */
    static @Nullable String of(String path) {
        List<String> parts = Arrays.asList(path.split("/", -1));
        for (int i = parts.size() - 1; i >= 0; i--) {
            String split = word(parts.get(i));
            if (split != null) {
                return split;
            }
        }
        return null;
    }

    /** What stands before the numbers in {@code extra-00000-of-00002.parquet}, or null for a name of another form. */
    static @Nullable String prefix(String path) {
        Matcher numbered = numbered(path);
        return numbered.matches() ? SplitNames.canonical(numbered.group(1)) : null;
    }

    /** Matches a file's own name against {@code NAME-00000-of-00002.parquet}: the groups are the name and the two numbers. */
    static Matcher numbered(String path) {
        return NUMBERED.matcher(path.substring(path.lastIndexOf('/') + 1));
    }

    private static String prefixOrDefault(String path) {
        String prefix = prefix(path);
        return prefix == null ? SplitNames.DEFAULT : prefix;
    }

    private static Said said(String path) {
        String word = of(path);
        Matcher numbered = numbered(path);
        if (word == null) {
            return new Said(null, null, false);
        }
        if (numbered.matches() && word(numbered.group(1)) != null) {
            return ofNumbered(word, numbered.group(1));
        }
        List<String> parts = Arrays.asList(path.split("/", -1));
        int part = parts.size() - 1;
        while (word(parts.get(part)) == null) {
            part--;
        }
        String name = parts.get(part);
        if (part == parts.size() - 1) {
            name = END_DIGITS.matcher(SUFFIX.matcher(name).replaceFirst("")).replaceFirst("");
        }
        String own = SplitNames.canonical(name);
        return new Said(word, isVariant(name) && SplitNames.isName(own) ? own : null, false);
    }

    private static Said ofNumbered(String word, String prefix) {
        String last = prefix.substring(prefix.lastIndexOf('-') + 1);
        if (!isVariant(prefix) && isVariant(last)) {
            return new Said(word, SplitNames.canonical(last), true); // NAME-SPLIT, as datasets names its cache
        }
        List<String> words = List.of(SEPARATOR.split(prefix, -1));
        if (!isVariant(prefix) && SplitNames.of(words.get(words.size() - 1)) != null) {
            return new Said(word, null, false);
        }
        boolean onlyDigits = SplitNames.of(END_DIGITS.matcher(prefix).replaceFirst("")) != null; // train2017
        return new Said(word, SplitNames.canonical(prefix), !onlyDigits);
    }

    /** Whether a name begins with the word of a split and says more, such as train_small. */
    private static boolean isVariant(String name) {
        String[] words = SEPARATOR.split(name, 2);
        return words.length == 2 && SplitNames.of(words[0]) != null && words[1].matches(".*[A-Za-z].*");
    }

    private static @Nullable String word(String name) {
        for (String word : SEPARATOR.split(name, -1)) {
            String split = SplitNames.of(word.replaceFirst("\\d+$", ""));
            if (split != null) {
                return split;
            }
        }
        return null;
    }
}
