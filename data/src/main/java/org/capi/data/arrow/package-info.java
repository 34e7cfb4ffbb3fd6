/**
 * The dataset on disk: a folder per split, each with shards of Arrow IPC and a dataset.json.
 *
 * <p>A shard is an Arrow IPC file of about 256 MB, in record batches of about 16 MB, without compression, with the columns
 * {@code name} (utf8), {@code image} (binary, the encoded file as it was found), {@code label} (int32, nullable), {@code
 * label_map} (binary, nullable, a grey PNG), {@code width}, {@code height} (int32) and, as int64, the checksums
 * {@code crc32c} (of {@code image}), {@code label_map_crc32c} (nullable) and {@code row_crc32c} (of name, label, size and the
 * two before; see {@code Columns}). Formats before 3 lack the last two. Any Arrow library reads it. {@code dataset.json} has the format's version, the classes, the counts, what was
 * left out and, for every shard, its rows, bytes and CRC-32C.
 *
 * <p>Images are kept encoded: decoded ones are ten times as large, and a training crop decodes only its window. The
 * numbers of a row are read when its shard is opened, about 45 bytes each; its name and images are read at their position
 * whenever they are wanted. Nothing of a shard is mapped: a mapped file that is cut off ends the process.
 */
@NullMarked
package org.capi.data.arrow;

import org.jspecify.annotations.NullMarked;
