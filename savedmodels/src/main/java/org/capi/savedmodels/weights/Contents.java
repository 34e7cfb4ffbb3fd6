package org.capi.savedmodels.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.savedmodels.SafeText;

/**
 * What a file holds, by path: the keys of nested dictionaries and lists with dots between them.
 *
 * @param tensors in the order of the file
 * @param numbers whole numbers and numbers with fractions, such as {@code iteration}
 * @param others the paths of what holds no tensor; below such a path nothing is listed
 */
record Contents(Map<String, StoredTensor> tensors, Map<String, Number> numbers, List<String> others) {

    private static final int MAX_LEVELS = 32;
    private static final int MAX_VALUES = 1_000_000;
    private static final int MAX_TENSORS = 100_000;
    private static final int MAX_PATH = 1024;
    private static final long MAX_CHARACTERS = 1 << 26;

    static Contents empty() {
        return new Contents(new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>());
    }

    /** Walks through nested dictionaries and lists; one that holds itself, or too many of them, are refused. */
    static Contents of(Object root) {
        if (!(root instanceof Map)) {
            throw new IllegalArgumentException("it holds no dictionary of tensors");
        }
        var walk = new Walk(empty());
        walk.visit("", root, 0);
        return walk.found;
    }

    /** Adds a tensor; a name that is taken or too long, and too many tensors, are refused. */
    void add(String name, StoredTensor tensor) {
        checkLength(name);
        add(tensors, name, tensor);
        if (tensors.size() > MAX_TENSORS) {
            throw new IllegalArgumentException("it holds more than " + MAX_TENSORS + " tensors");
        }
    }

    private static void checkLength(String path) {
        if (path.length() > MAX_PATH) {
            throw new IllegalArgumentException("its name " + SafeText.name(path) + " has " + path.length()
                    + " characters; the longest that is read has " + MAX_PATH);
        }
    }

    private static <V> void add(Map<String, V> into, String path, V value) {
        if (into.put(path, value) != null) {
            throw new IllegalArgumentException("it names " + SafeText.name(path) + " twice");
        }
    }

    /** One pass over everything. */
    private static final class Walk {

        private final Contents found;
        private int visited;
        private long characters;

        Walk(Contents found) {
            this.found = found;
        }

        /** Whether a value holds a tensor. */
        boolean visit(String path, Object value, int level) {
            // Shared and cyclic values make a small file endless: both are bounded here.
            if (level > MAX_LEVELS || ++visited > MAX_VALUES) {
                throw new IllegalArgumentException("its dictionaries are nested without end");
            }
            checkLength(path);
            characters += path.length();
            if (characters > MAX_CHARACTERS) {
                throw new IllegalArgumentException("its names have more than " + MAX_CHARACTERS + " characters");
            }
            if (value instanceof StoredTensor tensor) {
                found.add(path, tensor);
                return true;
            }
            if (value instanceof Number number) {
                add(found.numbers, path, number);
            }
            int before = found.others.size();
            boolean holdsTensor = false;
            if (value instanceof Map<?, ?> map) {
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    holdsTensor |= visitChild(path, entry.getKey(), entry.getValue(), level + 1);
                }
            } else if (value instanceof List<?> list) {
                for (int i = 0; i < list.size(); i++) {
                    holdsTensor |= visitChild(path, i, list.get(i), level + 1);
                }
            } else if (value instanceof Unpickler.Tuple tuple) {
                return visit(path, tuple.values(), level + 1);
            }
            if (!holdsTensor && level > 0) {
                found.others.subList(before, found.others.size()).clear();
            }
            return holdsTensor;
        }

        private boolean visitChild(String path, Object key, Object value, int level) {
            String name = key instanceof Unpickler.Other ? "(a key of another kind)" : key.toString();
            String child = path.isEmpty() ? name : path + "." + name;
            boolean holdsTensor = visit(child, value, level);
            if (!holdsTensor) {
                found.others.add(child);
            }
            return holdsTensor;
        }
    }
}
