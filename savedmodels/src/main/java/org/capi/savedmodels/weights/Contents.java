package org.capi.savedmodels.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a file holds, by path: the keys of nested dictionaries and lists with dots between them.
 *
 * @param tensors in the order of the file
 * @param numbers whole numbers and numbers with fractions, such as {@code iteration}
 */
record Contents(Map<String, StoredTensor> tensors, Map<String, Number> numbers) {

    private static final int MOST_LEVELS = 32;
    private static final int MOST_VALUES = 1_000_000;

    /** Walks through nested dictionaries and lists; one that holds itself, or too many of them, are refused. */
    static Contents of(Object root) {
        if (!(root instanceof Map)) {
            throw new IllegalArgumentException("it holds no dictionary of tensors");
        }
        var walk = new Walk(new Contents(new LinkedHashMap<>(), new LinkedHashMap<>()));
        walk.visit("", root, 0);
        return walk.found;
    }

    /** One pass over everything. */
    private static final class Walk {

        private final Contents found;
        private int visited;

        Walk(Contents found) {
            this.found = found;
        }

        void visit(String path, Object value, int level) {
            // Shared and cyclic values make a small file endless: both are bounded here.
            if (level > MOST_LEVELS || ++visited > MOST_VALUES) {
                throw new IllegalArgumentException("its dictionaries are nested without end");
            }
            if (value instanceof Map<?, ?> map) {
                map.forEach((key, child) -> visit(child(path, key), child, level + 1));
            } else if (value instanceof List<?> list) {
                for (int i = 0; i < list.size(); i++) {
                    visit(child(path, i), list.get(i), level + 1);
                }
            } else if (value instanceof Unpickler.Tuple tuple) {
                visit(path, tuple.values(), level + 1);
            } else if (value instanceof StoredTensor tensor) {
                add(found.tensors, path, tensor);
            } else if (value instanceof Number number) {
                add(found.numbers, path, number);
            }
        }

        private static String child(String path, Object key) {
            return path.isEmpty() ? String.valueOf(key) : path + "." + key;
        }

        private static <V> void add(Map<String, V> into, String path, V value) {
            if (into.put(path, value) != null) {
                throw new IllegalArgumentException("it names " + path + " twice");
            }
        }
    }
}
