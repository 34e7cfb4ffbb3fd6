package org.capi.train.cli;

import org.jspecify.annotations.Nullable;

/** The operating system and processor, named as the JDK names them. */
record Platform(String system, String processor) {

    static Platform current() {
        return new Platform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    /** Why the program cannot run here, or null if it can. */
    @Nullable
    String complaint() {
        boolean supported = system.equals("Linux") && (processor.equals("amd64") || processor.equals("x86_64"));
        return supported
                ? null
                : "this program runs on Linux x86-64 only (its TensorFlow libraries are built for nothing else); this is "
                        + system + " " + processor;
    }
}
