package org.capi.train.cli;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.capi.data.imports.SourceKind;
import org.capi.train.config.Nearest;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the name of a kind of collection. */
final class SourceKindName implements ITypeConverter<SourceKind> {

    @Override
    public SourceKind convert(String name) {
        for (SourceKind kind : SourceKind.values()) {
            if (kind.toString().equals(name)) {
                return kind;
            }
        }
        List<String> known =
                Arrays.stream(SourceKind.values()).map(SourceKind::toString).toList();
        String nearest = Nearest.to(name, known);
        throw new TypeConversionException("unknown kind " + name + "; "
                + (nearest == null ? "" : "did you mean " + nearest + "? ") + "There are "
                + String.join(", ", known));
    }

    /** Every kind with its meaning, a line each, for the help. */
    static final class Meanings implements Iterable<String> {

        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(SourceKind.values())
                    .map(kind -> kind + ": " + kind.meaning() + "%n")
                    .iterator();
        }
    }
}
