package org.capi.data.source.hub;

import io.airlift.compress.Decompressor;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.snappy.SnappyDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.jspecify.annotations.Nullable;

/** Decompresses the pages of Parquet files, in Java alone. */
final class ParquetPages implements CompressionCodecFactory {

    /** What can be read. */
    static final Set<CompressionCodecName> CODECS = Set.of(
            CompressionCodecName.UNCOMPRESSED,
            CompressionCodecName.SNAPPY,
            CompressionCodecName.GZIP,
            CompressionCodecName.ZSTD,
            CompressionCodecName.LZ4_RAW);

    private static final long FREE_BYTES = 64 << 20;
    private static final long MAX_RATIO = 8;

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
        return switch (codec) {
            case UNCOMPRESSED -> new Pages((page, size) -> page);
            case SNAPPY -> new Pages((page, size) -> decompress(new SnappyDecompressor(), page, size));
            case ZSTD -> new Pages((page, size) -> decompress(new ZstdDecompressor(), page, size));
            case LZ4_RAW -> new Pages((page, size) -> decompress(new Lz4Decompressor(), page, size));
            case GZIP -> new Pages(ParquetPages::gunzip);
            default -> throw new IllegalArgumentException("Parquet pages compressed by " + codec + " are not read");
        };
    }

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName codec) {
        throw new UnsupportedOperationException("pages are only read");
    }

    @Override
    public void release() {}

    /** Makes room for a page; encoded images hardly shrink, so a large page of few bytes is no page of theirs. */
    private static byte[] room(byte[] page, int size) throws IOException {
        TableFile.require(
                size >= 0 && size <= FREE_BYTES + MAX_RATIO * page.length,
                "a page of " + page.length + " bytes would become " + Integer.toUnsignedString(size)
                        + " bytes, more than " + (FREE_BYTES + MAX_RATIO * page.length));
        return new byte[size];
    }

    private static byte[] decompress(Decompressor codec, byte[] page, int size) throws IOException {
        byte[] bytes = room(page, size);
        int length = codec.decompress(page, 0, page.length, bytes, 0, size);
        return whole(bytes, length, size);
    }

    private static byte[] gunzip(byte[] page, int size) throws IOException {
        byte[] bytes = room(page, size);
        try (var in = new GZIPInputStream(new ByteArrayInputStream(page))) {
            return whole(bytes, in.readNBytes(bytes, 0, size), size);
        }
    }

    private static byte[] whole(byte[] bytes, int length, int size) throws IOException {
        TableFile.require(length == size, "a page has " + length + " bytes, not " + size);
        return bytes;
    }

    private interface Codec {
        byte[] decompress(byte[] page, int size) throws IOException;
    }

    private record Pages(Codec codec) implements BytesInputDecompressor {

        @Override
        public BytesInput decompress(BytesInput page, int size) throws IOException {
            return BytesInput.from(codec.decompress(page.toInputStream().readAllBytes(), size));
        }

        @Override
        public void decompress(ByteBuffer page, int compressed, ByteBuffer into, int size) throws IOException {
            byte[] bytes = new byte[compressed];
            page.get(bytes);
            into.put(codec.decompress(bytes, size));
        }

        @Override
        public void release() {}
    }

    /** The pages of a row group, whose dictionaries have no more values than their bytes can hold. */
    record BoundedPages(PageReadStore pages) implements PageReadStore {

        @Override
        public PageReader getPageReader(ColumnDescriptor column) {
            return new BoundedReader(pages.getPageReader(column));
        }

        @Override
        public long getRowCount() {
            return pages.getRowCount();
        }
    }

    private record BoundedReader(PageReader pages) implements PageReader {

        private static final int MAX_VALUES = 1 << 20;
        private static final int MIN_VALUE_BYTES = 4;

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

    /** What Parquet wants to hand its values to, which are read one by one instead. */
    static final class NoConverter extends GroupConverter {

        @Override
        public Converter getConverter(int field) {
            return new PrimitiveConverter() { // or a group, whichever is needed
                @Override
                public GroupConverter asGroupConverter() {
                    return NoConverter.this;
                }
            };
        }

        @Override
        public void start() {}

        @Override
        public void end() {}
    }
}
