/** Images encoded in Apache Spark: {@link org.capi.spark.Encoder} in code, {@link org.capi.spark.Embed} as a job. */
@NullMarked
package org.capi.spark;

import org.jspecify.annotations.NullMarked;
