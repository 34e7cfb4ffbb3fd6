package org.capi.data.source.hub;

import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;

/** Stands where Parquet wants to know who takes its values, which are asked for one by one instead. */
final class NoConverter extends GroupConverter {

    @Override
    public Converter getConverter(int field) {
        return new Nested();
    }

    @Override
    public void start() {}

    @Override
    public void end() {}

    /** A field that is a value or a group, whichever is asked for. */
    private static final class Nested extends PrimitiveConverter {

        @Override
        public GroupConverter asGroupConverter() {
            return new NoConverter();
        }
    }
}
