package org.capi.eval.rows;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Enum constants by their {@code toString}, which settings give. */
public final class EnumNames {

    private EnumNames() {}

    /** The constant of a name; another name is refused with the setting's key and the names that exist. */
    public static <E extends Enum<E>> E find(String key, E[] constants, String name) {
        return Arrays.stream(constants)
                .filter(constant -> constant.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(key + " must be one of "
                        + Arrays.stream(constants).map(E::toString).collect(Collectors.joining(", ")) + ", was "
                        + name));
    }
}
