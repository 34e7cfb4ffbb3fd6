package org.capi.savedmodels.weights;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A name that a pickle may mention: every one stands for something that this package itself knows how to make.
 *
 * @param type the type of the numbers, for a class of storages or a type of PyTorch's; null for all others
 */
record Global(Kind kind, @Nullable ElementType type) {

    /** What is made of it. */
    enum Kind {
        ORDERED_DICT,
        REBUILD_TENSOR,
        REBUILD_TENSOR_WITH_TYPE,
        REBUILD_PARAMETER,
        SIZE,
        STORAGE,
        TYPE
    }

    private static final Map<String, Global> ALLOWED = allowed();

    /** The global of a module and a name; any other is refused by its name. */
    static Global of(String module, String name) {
        Global global = ALLOWED.get(module + " " + name);
        if (global == null) {
            throw new IllegalArgumentException(
                    "it asks for " + module + "." + name + ", which no file of weights needs; nothing of it was run");
        }
        return global;
    }

    private static Map<String, Global> allowed() {
        Map<String, Global> globals = new HashMap<>();
        globals.put("collections OrderedDict", new Global(Kind.ORDERED_DICT, null));
        globals.put("torch._utils _rebuild_tensor_v2", new Global(Kind.REBUILD_TENSOR, null));
        globals.put("torch._utils _rebuild_tensor_v3", new Global(Kind.REBUILD_TENSOR_WITH_TYPE, null));
        globals.put("torch._utils _rebuild_parameter", new Global(Kind.REBUILD_PARAMETER, null));
        globals.put("torch._utils _rebuild_parameter_with_state", new Global(Kind.REBUILD_PARAMETER, null));
        globals.put("torch Size", new Global(Kind.SIZE, null));
        addType(globals, ElementType.FLOAT32, "FloatStorage", "float32");
        addType(globals, ElementType.FLOAT16, "HalfStorage", "float16");
        addType(globals, ElementType.BFLOAT16, "BFloat16Storage", "bfloat16");
        addType(globals, ElementType.FLOAT64, "DoubleStorage", "float64");
        addType(globals, ElementType.INT64, "LongStorage", "int64");
        addType(globals, ElementType.INT32, "IntStorage", "int32");
        addType(globals, ElementType.INT16, "ShortStorage", "int16");
        addType(globals, ElementType.INT8, "CharStorage", "int8");
        addType(globals, ElementType.UINT8, "ByteStorage", "uint8");
        addType(globals, ElementType.BOOL, "BoolStorage", "bool");
        var untyped = new Global(Kind.STORAGE, ElementType.UINT8);
        globals.put("torch.storage UntypedStorage", untyped);
        globals.put("torch UntypedStorage", untyped);
        return Map.copyOf(globals);
    }

    private static void addType(Map<String, Global> globals, ElementType type, String storage, String name) {
        globals.put("torch " + storage, new Global(Kind.STORAGE, type));
        globals.put("torch " + name, new Global(Kind.TYPE, type));
    }
}
