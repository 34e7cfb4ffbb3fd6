package org.capi.train.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The option of every command that shows where a failure came from. */
final class Debug {

    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show the stack trace of a failure.")
    private boolean on;

    boolean on() {
        return on;
    }
}
