package org.capi.train.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.train.run.RunFolder.RunLog;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLogTest {

    private static final Logger log = LogManager.getLogger(RunLogTest.class);

    @TempDir
    Path folder;

    @AfterEach
    void detach() {
        RunLog.detach();
    }

    @Test
    void everyRunGetsItsOwnLinesAndTheirTraces() throws IOException {
        log.debug("before");
        RunLog.to(folder.resolve("first.txt"));
        log.info("one");
        RunLog.to(folder.resolve("second.txt"));
        log.debug("two", new IllegalStateException("why"));
        RunLog.detach();
        log.debug("after");

        assertThat(Files.readString(folder.resolve("first.txt"))).matches("\\S+ INFO  RunLogTest one\n");
        assertThat(Files.readString(folder.resolve("second.txt")))
                .contains("DEBUG RunLogTest two\njava.lang.IllegalStateException: why\n\tat ")
                .doesNotContain("after");
    }

    @Test
    void aLogThatExistsIsContinued() throws IOException {
        Path file = Files.writeString(folder.resolve("log.txt"), "earlier\n");
        RunLog.to(file);
        log.info("later");

        assertThat(Files.readAllLines(file)).hasSize(2).first().isEqualTo("earlier");
        assertThat(RunLog.current()).hasValue(file.toAbsolutePath());
    }
}
