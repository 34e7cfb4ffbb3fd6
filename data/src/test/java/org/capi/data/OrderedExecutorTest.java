package org.capi.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class OrderedExecutorTest {

    @Test
    void resultsComeInTheOrderOfSubmission() throws ExecutionException, InterruptedException {
        var second = new CountDownLatch(1);
        try (var executor = new OrderedExecutor<Integer>(2, "ordered")) {
            executor.submit(() -> {
                second.await();
                return 1;
            });
            executor.submit(() -> {
                second.countDown();
                return 2;
            });
            assertThat(executor.pending()).isEqualTo(2);
            assertThat(executor.take()).isEqualTo(1);
            assertThat(executor.take()).isEqualTo(2);
            assertThat(executor.pending()).isZero();
        }
    }

    @Test
    void aFailureIsThrownEachTime() {
        try (var executor = new OrderedExecutor<Integer>(1, "ordered")) {
            executor.submit(() -> {
                throw new IOException("damaged");
            });
            executor.submit(() -> 2);
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(executor::take)
                        .isInstanceOf(ExecutionException.class)
                        .hasRootCauseMessage("damaged");
            }
        }
    }

    @Test
    void closingInterruptsWorkAndEndsTheThreads() {
        var executor = new OrderedExecutor<Integer>(1, "ordered-closed");
        executor.submit(() -> {
            Thread.sleep(Long.MAX_VALUE);
            return 1;
        });
        executor.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("ordered-closed"));
    }
}
