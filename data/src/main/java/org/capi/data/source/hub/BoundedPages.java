package org.capi.data.source.hub;

import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.io.ParquetDecodingException;
import org.jspecify.annotations.Nullable;

/** The pages of a row group, whose dictionaries have no more values than their bytes can hold. */
record BoundedPages(PageReadStore pages) implements PageReadStore {

    private static final int MAX_VALUES = 1 << 20;
    private static final int MIN_VALUE_BYTES = 4;

    @Override
    public PageReader getPageReader(ColumnDescriptor column) {
        return new Pages(pages.getPageReader(column));
    }

    @Override
    public long getRowCount() {
        return pages.getRowCount();
    }

    private record Pages(PageReader pages) implements PageReader {

        @Override
        public @Nullable DictionaryPage readDictionaryPage() {
            DictionaryPage page = pages.readDictionaryPage();
            if (page != null) {
                int values = page.getDictionarySize();
                long bytes = page.getBytes().size();
                if (values < 0 || values > MAX_VALUES || (long) values * MIN_VALUE_BYTES > bytes) {
                    throw new ParquetDecodingException("a dictionary of " + values + " values in " + bytes + " bytes");
                }
            }
            return page;
        }

        @Override
        public long getTotalValueCount() {
            return pages.getTotalValueCount();
        }

        @Override
        public @Nullable DataPage readPage() {
            return pages.readPage();
        }
    }
}
