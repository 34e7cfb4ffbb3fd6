/**
 * The command line: one picocli command per file, called from the root command {@code capi}.
 *
 * <p>Results go to stdout and everything else to stderr; {@link org.capi.train.cli.Console} alone knows the two streams.
 * A new command is added to the list of subcommands in {@link org.capi.train.cli.CapiCommand}; its constructor may take the console.
 */
@NullMarked
package org.capi.train.cli;

import org.jspecify.annotations.NullMarked;
