package org.capi.train.workers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.tensorflow.proto.ConfigProto;

/** Workers that are threads of one process, each with a server of its own. */
public final class LocalServers {

    private static final int TIMEOUT_SECONDS = 60;

    private LocalServers() {}

    /** What a worker does. */
    @FunctionalInterface
    public interface Work<R> {
        R of(WorkerServer server) throws Exception;
    }

    /** Runs one worker in each of so many threads, and returns their results in the order of their ranks. */
    public static <R> List<R> run(int workers, Work<R> work) throws InterruptedException {
        List<String> addresses = addresses(workers);
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try {
            List<Future<R>> futures = new ArrayList<>();
            for (int k = 0; k < workers; k++) {
                Cluster cluster = new Cluster(addresses, k);
                futures.add(threads.submit(
                        () -> work.of(WorkerServer.start(cluster, ConfigProto.getDefaultInstance(), TIMEOUT_SECONDS))));
            }
            List<R> results = new ArrayList<>();
            for (Future<R> future : futures) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    /** Loopback addresses with free ports. */
    public static List<String> addresses(int count) {
        List<ServerSocket> held = new ArrayList<>();
        try {
            List<String> addresses = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ServerSocket socket = new ServerSocket(0);
                held.add(socket);
                addresses.add("127.0.0.1:" + socket.getLocalPort());
            }
            for (ServerSocket socket : held) {
                socket.close();
            }
            return addresses;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
