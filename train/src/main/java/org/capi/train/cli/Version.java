package org.capi.train.cli;

import picocli.CommandLine.IVersionProvider;

/** The version of the program, as its jar's manifest gives it. */
public final class Version implements IVersionProvider {

    /** The version, or {@code development} outside a jar. */
    public static String number() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"capi " + number()};
    }
}
