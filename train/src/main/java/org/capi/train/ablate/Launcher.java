package org.capi.train.ablate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Runs commands of this program. */
public interface Launcher {

    /**
     * Runs one to its end.
     *
     * @param arguments such as {@code pretrain} and its options
     * @param output gets all that the command says, at its end
     * @param meanwhile called now and then while it runs
     * @return the exit status
     */
    int run(List<String> arguments, Path output, Runnable meanwhile) throws IOException, InterruptedException;

    /** The number of the signal that asked to stop, after which no more commands are started; 0 for none. */
    int stoppedBy();
}
