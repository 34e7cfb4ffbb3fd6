package org.capi.savedmodels.weights;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A name that a pickle may mention: those that {@code torch.load(weights_only=True)} accepts by default. Every one stands
 * for something that this package itself knows how to make, or leaves out.
 *
 * @param type the type of the numbers, for a class of storages or a type of PyTorch's; null for all others
 */
record Global(Kind kind, @Nullable ElementType type) {

    /** What is made of it. */
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

    private static final Global IGNORED = new Global(Kind.OTHER, null);

    private static final Map<String, Global> ALLOWED = allowed();

    /** The global of a module and a name; any other is refused by its name. */
    static Global of(String module, String name) {
        Global global = ALLOWED.get(module + " " + name);
        if (global == null) {
            if (module.startsWith("torch.distributed") || name.equals("_rebuild_wrapper_subclass")) {
                throw new IllegalArgumentException("it holds parts of tensors of several processes (DTensor, as FSDP"
                        + " saves them); call full_tensor() of each value in Python and save a plain state dict");
            }
            throw new IllegalArgumentException("it asks for " + Quoted.name(module + "." + name)
                    + ", which no file of weights needs; nothing of it was run");
        }
        return global;
    }

    private static Map<String, Global> allowed() {
        Map<String, Global> globals = new HashMap<>();
        globals.put("collections OrderedDict", new Global(Kind.ORDERED_DICT, null));
        globals.put("torch._utils _rebuild_tensor", new Global(Kind.REBUILD_TENSOR, null));
        globals.put("torch._utils _rebuild_tensor_v2", new Global(Kind.REBUILD_TENSOR, null));
        globals.put("torch._utils _rebuild_tensor_v3", new Global(Kind.REBUILD_TENSOR_WITH_TYPE, null));
        globals.put("torch._tensor _rebuild_from_type_v2", new Global(Kind.REBUILD_FROM_TYPE, null));
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
        addType(globals, ElementType.COMPLEX64, "ComplexFloatStorage", "complex64");
        addType(globals, ElementType.COMPLEX128, "ComplexDoubleStorage", "complex128");
        addType(globals, ElementType.INT32, "QInt32Storage", "qint32");
        addType(globals, ElementType.INT8, "QInt8Storage", "qint8");
        addType(globals, ElementType.UINT8, "QUInt8Storage", "quint8");
        addType(globals, ElementType.PACKED8, "QUInt4x2Storage", "quint4x2");
        addType(globals, ElementType.PACKED8, "QUInt2x4Storage", "quint2x4");
        addTypes(globals, ElementType.UINT16, "uint16");
        addTypes(globals, ElementType.UINT32, "uint32");
        addTypes(globals, ElementType.UINT64, "uint64");
        addTypes(globals, ElementType.COMPLEX32, "complex32", "bcomplex32");
        addTypes(globals, ElementType.PACKED16, "bits16");
        addTypes(globals, ElementType.PACKED8, "bits8", "bits4x2", "bits2x4", "bits1x8", "float4_e2m1fn_x2");
        for (String name : List.of("e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz", "e8m0fnu")) {
            addTypes(globals, ElementType.FLOAT8, "float8_" + name);
        }
        for (int bits = 1; bits < Byte.SIZE; bits++) {
            addTypes(globals, ElementType.PACKED8, "int" + bits, "uint" + bits);
        }
        var untyped = new Global(Kind.STORAGE, ElementType.UINT8);
        globals.put("torch.storage UntypedStorage", untyped);
        globals.put("torch UntypedStorage", untyped);
        for (String builtin : List.of("set", "bytearray", "complex")) {
            globals.put("__builtin__ " + builtin, IGNORED); // as Python 2 has it, which protocol 2 writes
            globals.put("builtins " + builtin, IGNORED);
        }
        for (String scheme : List.of(
                "per_tensor_affine",
                "per_tensor_symmetric",
                "per_channel_affine",
                "per_channel_symmetric",
                "per_channel_affine_float_qparams")) {
            globals.put("torch " + scheme, IGNORED);
        }
        for (String other : List.of(
                "collections Counter",
                "_codecs encode", // makes bytes
                "torch device",
                "torch Tensor",
                "torch.nn.parameter Parameter",
                "torch.serialization _get_layout",
                "torch._utils _rebuild_qtensor",
                "torch._utils _rebuild_sparse_tensor",
                "torch._utils _rebuild_meta_tensor_no_storage",
                "torch._utils _rebuild_device_tensor_from_numpy",
                "torch._utils _rebuild_device_tensor_from_cpu_tensor")) {
            globals.put(other, IGNORED);
        }
        return Map.copyOf(globals);
    }

    private static void addType(Map<String, Global> globals, ElementType type, String storage, String name) {
        globals.put("torch " + storage, new Global(Kind.STORAGE, type));
        addTypes(globals, type, name);
    }

    private static void addTypes(Map<String, Global> globals, ElementType type, String... names) {
        for (String name : names) {
            globals.put("torch " + name, new Global(Kind.TYPE, type));
        }
    }
}
