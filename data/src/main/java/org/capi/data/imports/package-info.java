/**
 * Imports: a collection's entries are read in order, checked on several threads and written as shards in order.
 *
 * <p>All of it happens below {@code DIR/import.partial}, which no reader takes for a dataset. After every shard that is
 * safely on the disk, {@code journal.json} there says how far the import is; started again, it drops what came after and goes on,
 * and ends with the same bytes as an import that nobody stopped. Hence a shard's end depends only on the entries
 * before it, and no file holds a time. When all is written the journal says so, and each split's folder is moved to its place; a
 * stop between two moves is healed by the next start.
 */
@NullMarked
package org.capi.data.imports;

import org.jspecify.annotations.NullMarked;
