package org.capi.data;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** The files under {@code cases} in the test resources: such as went wrong elsewhere. */
public final class TestCases {

    private TestCases() {}

    public static Path of(String name) throws URISyntaxException {
        URL found = Objects.requireNonNull(TestCases.class.getResource("/cases/" + name), name);
        return Path.of(found.toURI());
    }
}
