package org.capi.savedmodels.weights;

import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Reads a pickle of tensors without running anything: an own machine for the few opcodes that such a pickle needs.
 *
 * <p>A dictionary becomes a {@link Map}, a list or a tuple a {@link List}, a whole number a {@link Long}, a number with a
 * fraction a {@link Double}, a tensor a {@link StoredTensor}. Every other opcode and every global that is not a {@link
 * Global} is refused by its name.
 */
final class Unpickler {

    /** Where the numbers of a storage lie. */
    interface Storages {

        /** The bytes of the record {@code data/key}; a missing one is refused. */
        FileRegion region(String key);
    }

    /** Python's nothing. */
    enum None {
        NONE
    }

    /** A value that is left out, such as a set or bytes; each is equal to itself only. */
    static final class Other {}

    /** A tuple, which is complete when it is made and may be a global's argument. */
    record Tuple(List<Object> values) {}

    /** The numbers that tensors are views of. */
    private record Storage(FileRegion region, ElementType type) {}

    private static final int LEAST_PROTOCOL = 2;
    private static final int MOST_PROTOCOL = 5;
    private static final int MAX_OPCODES = 3_000_000;

    private final PickleInput in;
    private final Storages storages;
    private final ByteOrder order;
    private final List<Object> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Long, Object> memo = new HashMap<>();

    private Unpickler(byte[] pickle, Storages storages, ByteOrder order) {
        this.in = new PickleInput(pickle);
        this.storages = storages;
        this.order = order;
    }

    /** The object that a pickle describes. */
    static Object read(byte[] pickle, Storages storages, ByteOrder order) {
        return new Unpickler(pickle, storages, order).read();
    }

    private Object read() {
        if (in.unsignedByte() != 0x80) {
            throw new IllegalArgumentException("its pickle does not begin with a protocol");
        }
        int protocol = in.unsignedByte();
        if (protocol < LEAST_PROTOCOL || protocol > MOST_PROTOCOL) {
            throw new IllegalArgumentException(
                    "its pickle has the protocol " + protocol + ", not " + LEAST_PROTOCOL + " to " + MOST_PROTOCOL);
        }
        int opcode = in.unsignedByte();
        for (int opcodes = 0; opcode != '.'; opcodes++) {
            if (opcodes == MAX_OPCODES) {
                throw new IllegalArgumentException("its pickle has more than " + MAX_OPCODES + " opcodes");
            }
            step(opcode);
            opcode = in.unsignedByte();
        }
        Object root = pop();
        if (!stack.isEmpty() || !marks.isEmpty() || in.hasMore()) {
            throw new IllegalArgumentException("its pickle ends with something left over");
        }
        return root instanceof Tuple tuple ? tuple.values : root;
    }

    private void step(int opcode) {
        switch (opcode) {
            case '(' -> marks.push(stack.size());
            case 'N' -> stack.add(None.NONE);
            case 0x88 -> stack.add(true);
            case 0x89 -> stack.add(false);
            case 'J' -> stack.add((long) in.signedInt());
            case 'K' -> stack.add((long) in.unsignedByte());
            case 'M' -> stack.add((long) in.unsignedShort());
            case 0x8a -> stack.add(wholeNumber());
            case 'G' -> stack.add(in.bigEndianDouble());
            case 'X' -> stack.add(in.text(in.unsignedInt()));
            case 0x8c, 'U' -> stack.add(in.text(in.unsignedByte()));
            case '}' -> stack.add(new LinkedHashMap<>());
            case ']' -> stack.add(new ArrayList<>());
            case 0x8f -> stack.add(new Other()); // a set
            case 0x90 -> addToSet(sinceMark());
            case ')' -> stack.add(new Tuple(List.of()));
            case 't' -> stack.add(new Tuple(List.copyOf(sinceMark())));
            case 0x85, 0x86, 0x87 -> stack.add(new Tuple(List.copyOf(last(opcode - 0x84))));
            case 'q' -> memo.put((long) in.unsignedByte(), top());
            case 'r' -> memo.put(in.unsignedInt(), top());
            case 0x94 -> memo.put((long) memo.size(), top());
            case 'h' -> stack.add(remembered(in.unsignedByte()));
            case 'j' -> stack.add(remembered(in.unsignedInt()));
            case 'a' -> append(last(1));
            case 'e' -> append(sinceMark());
            case 's' -> put(last(2));
            case 'u' -> put(sinceMark());
            case 'c' -> stack.add(Global.of(in.line(), in.line()));
            case 0x93 -> stackGlobal(last(2));
            case 'Q' -> stack.add(storage(argument(pop(), Tuple.class)));
            case 'R' -> reduce(last(2));
            case 'b' -> build(pop());
            case 0x95 -> in.require(in.signedLong());
            default ->
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "its pickle uses the opcode 0x%02x at byte %d, which no file of weights needs; nothing of it was run",
                        opcode,
                        in.position() - 1));
        }
    }

    private void stackGlobal(List<Object> names) {
        stack.add(Global.of(argument(names.get(0), String.class), argument(names.get(1), String.class)));
    }

    /** One that a long cannot hold is no size of a tensor. */
    private Object wholeNumber() {
        int length = in.unsignedByte();
        if (length > Long.BYTES) {
            in.skip(length);
            return new Other();
        }
        return in.wholeNumber(length);
    }

    private void addToSet(List<Object> values) {
        if (!(top() instanceof Other)) {
            throw new IllegalArgumentException("its pickle adds " + values.size() + " values to what is no set");
        }
    }

    private Object remembered(long index) {
        Object value = memo.get(index);
        if (value == null) {
            throw new IllegalArgumentException("its pickle recalls something that it never noted: " + index);
        }
        return value;
    }

    private void append(List<Object> values) {
        List<Object> list = listAt(top());
        list.addAll(values);
    }

    private void put(List<Object> pairs) {
        Map<Object, Object> map = mapAt(top());
        if (pairs.size() % 2 != 0) {
            throw new IllegalArgumentException("its pickle has a key without a value");
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            Object key = pairs.get(i);
            if (key instanceof Map || key instanceof List) {
                throw new IllegalArgumentException(
                        "its pickle has a key that is neither text nor a whole number, nor anything else that never changes");
            }
            // No weight lies below another key, such as a tuple; comparing nested tuples could take any time.
            boolean named = key instanceof String || key instanceof Long;
            if (map.put(named ? key : new Other(), named ? pairs.get(i + 1) : new Other()) != null) {
                throw new IllegalArgumentException("it names " + Quoted.name(String.valueOf(key)) + " twice");
            }
        }
    }

    /** Calls nothing: makes what the few allowed globals stand for. */
    private void reduce(List<Object> call) {
        Global global = argument(call.get(0), Global.class);
        stack.add(made(global, argument(call.get(1), Tuple.class).values));
    }

    private Object made(Global global, List<Object> arguments) {
        return switch (global.kind()) {
            case ORDERED_DICT -> orderedDict(arguments);
            case REBUILD_TENSOR -> tensor(arguments, at(arguments, 0, Storage.class).type);
            case REBUILD_TENSOR_WITH_TYPE -> tensor(arguments, type(at(arguments, 6, Global.class)));
            case REBUILD_FROM_TYPE -> tensorWithAttributes(arguments);
            case REBUILD_PARAMETER ->
                at(arguments, 0, Object.class) instanceof Other other ? other : at(arguments, 0, StoredTensor.class);
            case SIZE -> at(arguments, 0, Tuple.class);
            case OTHER -> new Other();
            case STORAGE, TYPE -> throw new IllegalArgumentException("it calls a type of numbers");
        };
    }

    /** The function that makes it, its class, the function's arguments, and the attributes, which nobody needs. */
    private Object tensorWithAttributes(List<Object> arguments) {
        Global function = at(arguments, 0, Global.class);
        if (function.kind() == Global.Kind.REBUILD_FROM_TYPE) {
            throw new IllegalArgumentException("its pickle makes a tensor in an unusual way");
        }
        return made(function, at(arguments, 2, Tuple.class).values);
    }

    private static Map<Object, Object> orderedDict(List<Object> arguments) {
        if (!arguments.isEmpty()) {
            throw new IllegalArgumentException("its pickle makes a dictionary in an unusual way");
        }
        return new LinkedHashMap<>();
    }

    /** Storage, offset, sizes, strides, and what concerns training only. */
    private StoredTensor tensor(List<Object> arguments, ElementType type) {
        return new StoredTensor(
                at(arguments, 0, Storage.class).region,
                type,
                order,
                at(arguments, 1, Long.class),
                longs(at(arguments, 2, Tuple.class)),
                longs(at(arguments, 3, Tuple.class)));
    }

    /** {@code ('storage', class, key, device, count)}. */
    private Storage storage(Tuple id) {
        List<Object> parts = id.values;
        if (parts.size() != 5 || !parts.get(0).equals("storage")) {
            throw new IllegalArgumentException("its pickle refers to something that is no storage");
        }
        Global global = at(parts, 1, Global.class);
        ElementType type = type(global);
        String key = at(parts, 2, String.class);
        FileRegion region = storages.region(key);
        long count = at(parts, 4, Long.class);
        if (count < 0 || region.size() / type.width() != count || region.size() % type.width() != 0) {
            throw new IllegalArgumentException("its record " + Quoted.name("data/" + key) + " has " + region.size()
                    + " bytes, which are not " + count + " numbers of type " + type);
        }
        return new Storage(region, type);
    }

    private static ElementType type(Global global) {
        if (global.type() == null) {
            throw new IllegalArgumentException("its pickle gives something else for a type of numbers");
        }
        return global.type();
    }

    /** Attributes of a dictionary, such as {@code _metadata}: nobody needs them. */
    private void build(Object state) {
        if (!(top() instanceof Other) && (!(state instanceof Map) || !(top() instanceof Map))) {
            throw new IllegalArgumentException("its pickle sets the attributes of something that is no dictionary");
        }
    }

    private static List<Long> longs(Tuple tuple) {
        List<Long> longs = new ArrayList<>();
        for (Object value : tuple.values) {
            longs.add(argument(value, Long.class));
        }
        return longs;
    }

    private static <T> T at(List<Object> arguments, int index, Class<T> type) {
        if (index >= arguments.size()) {
            throw new IllegalArgumentException("its pickle gives too few arguments for a tensor");
        }
        return argument(arguments.get(index), type);
    }

    private static <T> T argument(Object value, Class<T> type) {
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException(
                    "its pickle gives something else where a " + type.getSimpleName() + " must be");
        }
        return type.cast(value);
    }

    @SuppressWarnings("unchecked") // only this class makes lists and maps
    private static List<Object> listAt(Object value) {
        return (List<Object>) argument(value, List.class);
    }

    @SuppressWarnings("unchecked") // likewise
    private static Map<Object, Object> mapAt(Object value) {
        return (Map<Object, Object>) argument(value, Map.class);
    }

    private List<Object> sinceMark() {
        if (marks.isEmpty() || marks.peek() > stack.size()) {
            throw new IllegalArgumentException("its pickle ends a list that it never began");
        }
        return last(stack.size() - marks.pop());
    }

    /** Takes the last values off the stack, in their order. */
    private List<Object> last(int count) {
        if (count > stack.size()) {
            throw new IllegalArgumentException("its pickle takes more from its stack than there is");
        }
        List<Object> tail = stack.subList(stack.size() - count, stack.size());
        List<Object> values = new ArrayList<>(tail);
        tail.clear();
        return values;
    }

    private Object pop() {
        return last(1).get(0);
    }

    private Object top() {
        if (stack.isEmpty()) {
            throw new IllegalArgumentException("its pickle takes more from its stack than there is");
        }
        return stack.get(stack.size() - 1);
    }
}
