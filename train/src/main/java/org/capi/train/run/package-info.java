/**
 * The folder of a run: what lies where in it, what is written first, and its log.
 *
 * <p>Log4j stays behind its API: {@code log4j2.xml} routes every event to the file that the system property
 * {@code capi.run.log} names, so a run's log needs no class of log4j-core at compile time.
 */
@NullMarked
package org.capi.train.run;

import org.jspecify.annotations.NullMarked;
