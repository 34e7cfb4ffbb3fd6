package org.capi.savedmodels.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.capi.savedmodels.SafeText;
import org.capi.savedmodels.weights.StoredTensor.FileRegion;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pickle of tensors without running anything: a stack machine for the few opcodes that such a pickle needs.
 *
 * <p>A dictionary becomes a {@link Map}, a list or a tuple a {@link List}, a whole number a {@link Long}, a number with
 * a fraction a {@link Double}, a tensor a {@link StoredTensor}. Every other opcode and every global that is not a
 * {@link Global} is refused by its name.
 */
final class Unpickler {

    /** Python's None. */
    enum None {
        NONE
    }

    /** A value that is left out, such as a set or bytes; each is equal to itself only. */
    static final class Other {}

    /** A tuple, which is complete when it is made and may be a global's argument. */
    record Tuple(List<Object> values) {}

    /** The numbers that tensors are views of. */
    private record Storage(FileRegion region, ElementType type) {}

    private static final int MIN_PROTOCOL = 2;
    private static final int MAX_PROTOCOL = 5;
    private static final int MAX_OPCODES = 3_000_000;

    private final Input in;
    private final Function<String, FileRegion> storages;
    private final ByteOrder order;
    private final List<Object> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Long, Object> memo = new HashMap<>();

    private Unpickler(byte[] pickle, Function<String, FileRegion> storages, ByteOrder order) {
        this.in = new Input(ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN));
        this.storages = storages;
        this.order = order;
    }

    /**
     * The object that a pickle describes.
     *
     * @param storages the bytes of a storage by its key; refuses a key that is not there
     */
    static Object read(byte[] pickle, Function<String, FileRegion> storages, ByteOrder order) {
        return new Unpickler(pickle, storages, order).read();
    }

    private Object read() {
        if (in.unsignedByte() != 0x80) {
            throw new IllegalArgumentException("its pickle does not begin with a protocol");
        }
        int protocol = in.unsignedByte();
        if (protocol < MIN_PROTOCOL || protocol > MAX_PROTOCOL) {
            throw new IllegalArgumentException(
                    "its pickle has the protocol " + protocol + ", not " + MIN_PROTOCOL + " to " + MAX_PROTOCOL);
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
        if (!stack.isEmpty() || !marks.isEmpty() || in.bytes.hasRemaining()) {
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
            case 'J' -> stack.add((long) (int) in.number(4));
            case 'K' -> stack.add(in.number(1));
            case 'M' -> stack.add(in.number(2));
            case 0x8a -> stack.add(in.wholeNumber());
            case 'G' -> stack.add(Double.longBitsToDouble(Long.reverseBytes(in.number(8))));
            case 'X' -> stack.add(in.text(in.number(4)));
            case 0x8c, 'U' -> stack.add(in.text(in.number(1)));
            case '}' -> stack.add(new LinkedHashMap<>());
            case ']' -> stack.add(new ArrayList<>());
            case 0x8f -> stack.add(new Other()); // a set
            case 0x90 -> addToSet(sinceMark());
            case ')' -> stack.add(new Tuple(List.of()));
            case 't' -> stack.add(new Tuple(List.copyOf(sinceMark())));
            case 0x85, 0x86, 0x87 -> stack.add(new Tuple(List.copyOf(last(opcode - 0x84))));
            case 'q' -> memo.put(in.number(1), top());
            case 'r' -> memo.put(in.number(4), top());
            case 0x94 -> memo.put((long) memo.size(), top());
            case 'h' -> stack.add(remembered(in.number(1)));
            case 'j' -> stack.add(remembered(in.number(4)));
            case 'a' -> append(last(1));
            case 'e' -> append(sinceMark());
            case 's' -> put(last(2));
            case 'u' -> put(sinceMark());
            case 'c' -> stack.add(Global.of(in.line(), in.line()));
            case 0x93 -> {
                List<Object> names = last(2);
                stack.add(Global.of(argument(names.get(0), String.class), argument(names.get(1), String.class)));
            }
            case 'Q' -> stack.add(storage(argument(pop(), Tuple.class)));
            case 'R' -> {
                List<Object> call = last(2);
                stack.add(made(argument(call.get(0), Global.class), argument(call.get(1), Tuple.class).values));
            }
            case 'b' -> build(pop());
            case 0x95 -> in.require(in.number(8));
            default ->
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "its pickle uses the opcode 0x%02x at byte %d, which no file of weights needs;"
                                + " nothing of it was run",
                        opcode,
                        in.bytes.position() - 1));
        }
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

    @SuppressWarnings("unchecked") // only this class makes lists
    private void append(List<Object> values) {
        ((List<Object>) argument(top(), List.class)).addAll(values);
    }

    @SuppressWarnings("unchecked") // likewise
    private void put(List<Object> pairs) {
        Map<Object, Object> map = (Map<Object, Object>) argument(top(), Map.class);
        if (pairs.size() % 2 != 0) {
            throw new IllegalArgumentException("its pickle has a key without a value");
        }
        for (int i = 0; i < pairs.size(); i += 2) {
            Object key = pairs.get(i);
            if (key instanceof Map || key instanceof List) {
                throw new IllegalArgumentException(
                        "its pickle has a key that is neither text nor a whole number, nor anything else that"
                                + " never changes");
            }
            // No weight lies below another key, such as a tuple; comparing nested tuples could take any time.
            boolean named = key instanceof String || key instanceof Long;
            if (map.put(named ? key : new Other(), named ? pairs.get(i + 1) : new Other()) != null) {
                throw new IllegalArgumentException("it names " + SafeText.name(String.valueOf(key)) + " twice");
            }
        }
    }

    /** Calls nothing: makes what the few allowed globals stand for. */
    private Object made(Global global, List<Object> arguments) {
        return switch (global.kind()) {
            case ORDERED_DICT -> {
                if (!arguments.isEmpty()) {
                    throw new IllegalArgumentException("its pickle makes a dictionary in an unusual way");
                }
                yield new LinkedHashMap<>();
            }
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
            throw new IllegalArgumentException("its pickle refers to something that is not a storage");
        }
        Global global = at(parts, 1, Global.class);
        ElementType type = type(global);
        String key = at(parts, 2, String.class);
        FileRegion region = storages.apply(key);
        long count = at(parts, 4, Long.class);
        if (count < 0 || region.size() / type.width() != count || region.size() % type.width() != 0) {
            throw new IllegalArgumentException("its record " + SafeText.name("data/" + key) + " has " + region.size()
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
            throw new IllegalArgumentException("its pickle sets the attributes of something that is not a dictionary");
        }
    }

    private static List<Long> longs(Tuple tuple) {
        return tuple.values.stream().map(value -> argument(value, Long.class)).toList();
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

    /** The values of a pickle's opcodes, each checked against what is left before it is read. */
    private record Input(ByteBuffer bytes) {

        /** A number of up to eight bytes, little-endian, without a sign. */
        long number(int length) {
            require(length);
            long value = 0;
            for (int i = 0; i < length; i++) {
                value |= (long) Byte.toUnsignedInt(bytes.get()) << (Byte.SIZE * i);
            }
            return value;
        }

        int unsignedByte() {
            return (int) number(1);
        }

        /** A whole number with its sign; one that a long cannot hold is no size of a tensor and left out. */
        Object wholeNumber() {
            int length = unsignedByte();
            if (length > Long.BYTES) {
                skip(length);
                return new Other();
            }
            int unused = Long.SIZE - Byte.SIZE * length;
            return length == 0 ? 0L : number(length) << unused >> unused;
        }

        private void skip(int length) {
            require(length);
            bytes.position(bytes.position() + length);
        }

        String text(long length) {
            require(length);
            ByteBuffer part = bytes.slice(bytes.position(), (int) length);
            skip((int) length);
            try {
                return StandardCharsets.UTF_8.newDecoder().decode(part).toString();
            } catch (CharacterCodingException e) {
                throw new IllegalArgumentException("its pickle holds a text that is not UTF-8", e);
            }
        }

        /** The text before the next line feed. */
        String line() {
            int start = bytes.position();
            while (unsignedByte() != '\n') {}
            return StandardCharsets.UTF_8
                    .decode(bytes.slice(start, bytes.position() - 1 - start))
                    .toString();
        }

        /** Refuses a length that passes the end. */
        void require(long length) {
            if (length < 0 || length > bytes.remaining()) {
                throw new IllegalArgumentException("its pickle ends too early: byte " + bytes.position() + " wants "
                        + Long.toUnsignedString(length) + " more, " + bytes.remaining() + " are left");
            }
        }
    }

    /**
     * A name that a pickle may mention: those that {@code torch.load(weights_only=True)} accepts by default. Every one
     * stands for something that this package itself knows how to make, or leaves out.
     *
     * @param type the type of the numbers, for a class of storages or a type of PyTorch's; null for all others
     */
    private record Global(Kind kind, @Nullable ElementType type) {

        enum Kind {
            ORDERED_DICT,
            /** The fields of a view of a storage. */
            REBUILD_TENSOR,
            /** Likewise with the type of the numbers. */
            REBUILD_TENSOR_WITH_TYPE,
            /** A tensor with attributes, by another of these functions. */
            REBUILD_FROM_TYPE,
            REBUILD_PARAMETER,
            SIZE,
            STORAGE,
            TYPE,
            /** What no weight needs and harms nobody, such as a set: it is left out. */
            OTHER
        }

        /** Modules with names that are left out; {@code __builtin__} is Python 2's, and {@code encode} makes bytes. */
        private static final Map<String, String> IGNORED = Map.of(
                "collections", "Counter",
                "_codecs", "encode",
                "__builtin__", "set bytearray complex",
                "builtins", "set bytearray complex",
                "torch",
                        "device Tensor per_tensor_affine per_tensor_symmetric per_channel_affine per_channel_symmetric"
                                + " per_channel_affine_float_qparams",
                "torch.nn.parameter", "Parameter",
                "torch.serialization", "_get_layout",
                "torch._utils",
                        "_rebuild_qtensor _rebuild_sparse_tensor _rebuild_meta_tensor_no_storage"
                                + " _rebuild_device_tensor_from_numpy _rebuild_device_tensor_from_cpu_tensor");

        private static final Map<String, Global> ALLOWED = allowed();

        private static Map<String, Global> allowed() {
            Map<String, Global> globals = new HashMap<>();
            IGNORED.forEach((module, names) -> add(globals, Kind.OTHER, null, module, names));
            add(globals, Kind.ORDERED_DICT, null, "collections", "OrderedDict");
            add(globals, Kind.REBUILD_TENSOR, null, "torch._utils", "_rebuild_tensor _rebuild_tensor_v2");
            add(globals, Kind.REBUILD_TENSOR_WITH_TYPE, null, "torch._utils", "_rebuild_tensor_v3");
            add(globals, Kind.REBUILD_FROM_TYPE, null, "torch._tensor", "_rebuild_from_type_v2");
            String parameters = "_rebuild_parameter _rebuild_parameter_with_state";
            add(globals, Kind.REBUILD_PARAMETER, null, "torch._utils", parameters);
            add(globals, Kind.SIZE, null, "torch", "Size");
            add(globals, Kind.STORAGE, ElementType.UINT8, "torch.storage", "UntypedStorage");
            for (ElementType type : ElementType.values()) {
                for (String name : type.torchNames()) {
                    add(globals, name.endsWith("Storage") ? Kind.STORAGE : Kind.TYPE, type, "torch", name);
                }
            }
            return Map.copyOf(globals);
        }

        private static void add(
                Map<String, Global> globals, Kind kind, @Nullable ElementType type, String module, String names) {
            for (String name : names.split(" ", -1)) {
                globals.put(module + " " + name, new Global(kind, type));
            }
        }

        /** The global of a module and a name; any other is refused by its name. */
        static Global of(String module, String name) {
            Global global = ALLOWED.get(module + " " + name);
            if (global != null) {
                return global;
            }
            if (module.startsWith("torch.distributed") || name.equals("_rebuild_wrapper_subclass")) {
                throw new IllegalArgumentException("it holds parts of tensors of several processes (DTensor, as FSDP"
                        + " saves them); call full_tensor() of each value in Python and save a plain state dict");
            }
            throw new IllegalArgumentException("it asks for " + SafeText.name(module + "." + name)
                    + ", which no file of weights needs; nothing of it was run");
        }
    }
}
