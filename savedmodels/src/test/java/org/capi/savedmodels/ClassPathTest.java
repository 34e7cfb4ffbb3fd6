package org.capi.savedmodels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An application that encodes images carries nothing that only training needs. */
class ClassPathTest {

    @ParameterizedTest
    @ValueSource(strings = {"org/apache/arrow/", "org/capi/data/", "org/capi/train/", "org/capi/eval/"})
    void noneOfTheModulesDependenciesHolds(String packagePath) {
        assertThat(getClass().getClassLoader().getResource(packagePath)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"arrow", "capi-data", "capi-train", "parquet", "picocli", "log4j"})
    void theClassPathHasNoJarOf(String library) {
        assertThat(Arrays.stream(System.getProperty("java.class.path").split(":", -1))
                        .map(jar -> jar.substring(jar.lastIndexOf('/') + 1)))
                .isNotEmpty()
                .noneMatch(jar -> jar.startsWith(library));
    }
}
