package org.capi.examples.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.capi.savedmodels.Encoded;
import org.capi.savedmodels.VisionEncoder;

/**
 * Encodes images over HTTP. {@code POST /embed} takes the bytes of a JPEG, PNG or GIF file and answers with its vector
 * as JSON; {@code GET /health} tells whether the service works.
 *
 * <p>Requests that come together are encoded as one batch. A request beyond the limit is refused at once with status
 * 503, before its image is kept in memory.
 */
public final class EmbedService implements AutoCloseable {

    private static final String USAGE = "usage: EmbedService MODEL [PORT [REQUESTS [BATCH]]]\n"
            + "  serves at 127.0.0.1:PORT (8080), at most REQUESTS (64) at a time, encoded BATCH (16) at a time";

    private static final int MAX_BYTES = 32 << 20;
    private static final int PATIENCE_SECONDS = 30;

    /** Of a request, from its first to its last byte: a client that sends nothing does not keep a place. */
    private static final String MAX_SECONDS = "30";

    private final VisionEncoder encoder;
    private final int batchSize;
    private final int maxRequests;
    private final Semaphore free;
    private final BlockingQueue<Request> waiting = new LinkedBlockingQueue<>();
    private final Thread encoding = new Thread(this::encode, "encoder");
    private final ExecutorService handlers = Executors.newCachedThreadPool();
    private final HttpServer server;
    private volatile boolean closing;

    private record Request(byte[] image, CompletableFuture<Encoded<Request>> answer) {}

    EmbedService(Path model, int port, int maxRequests, int batchSize) throws IOException {
        this.maxRequests = maxRequests;
        this.batchSize = batchSize;
        free = new Semaphore(maxRequests);
        VisionEncoder.check(model);
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        encoder = VisionEncoder.load(model);
        encoding.start();
        server.createContext("/embed", exchange -> answer(exchange, this::embed));
        server.createContext("/health", exchange -> answer(exchange, request -> health()));
        server.setExecutor(handlers);
        server.start();
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 1 || args.length > 4 || !Arrays.stream(args).skip(1).allMatch(a -> a.matches("[1-9]\\d{0,4}"))) {
            System.err.println(USAGE);
            System.exit(2);
        }
        System.setProperty("sun.net.httpserver.maxReqTime", MAX_SECONDS);
        var done = new CountDownLatch(1);
        try (var service = new EmbedService(Path.of(args[0]), option(args, 1, 8080), option(args, 2, 64), option(args, 3, 16))) {
            Thread main = Thread.currentThread();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                done.countDown(); // on SIGTERM; then main closes the service, which answers what it has accepted
                join(main);
            }));
            System.out.println("serving at http:/" + service.server.getAddress());
            done.await();
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    private static int option(String[] args, int index, int otherwise) {
        return args.length > index ? Integer.parseInt(args[index]) : otherwise;
    }

    /** Takes what waits, up to a batch, and encodes it. The batch is larger the more requests come. */
    private void encode() {
        try {
            while (!closing || !waiting.isEmpty()) {
                Request first = waiting.poll(100, TimeUnit.MILLISECONDS);
                if (first == null) {
                    continue;
                }
                List<Request> batch = new ArrayList<>(List.of(first));
                waiting.drainTo(batch, batchSize - 1);
                try {
                    encoder.encodeEach(batch, Request::image)
                            .forEach(encoded -> encoded.item().answer.complete(encoded));
                } catch (RuntimeException e) {
                    batch.forEach(request -> request.answer.completeExceptionally(e));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The answer to a request: its HTTP status and a JSON object. */
    private record Answer(int status, String json) {

        static Answer error(int status, String message) {
            return new Answer(status, "{\"error\": \"" + message.replaceAll("[\"\\\\\\p{Cntrl}]", " ") + "\"}");
        }
    }

    private interface Handler {
        Answer answer(HttpExchange exchange) throws IOException;
    }

    private void answer(HttpExchange exchange, Handler handler) throws IOException {
        try (exchange) {
            Answer answer;
            try {
                answer = handler.answer(exchange);
            } catch (RuntimeException e) {
                answer = Answer.error(500, String.valueOf(e.getMessage()));
            }
            byte[] body = (answer.json + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            if (answer.status == 503) {
                exchange.getResponseHeaders().set("Retry-After", "1");
            }
            exchange.sendResponseHeaders(answer.status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private Answer embed(HttpExchange exchange) throws IOException {
        try (InputStream body = exchange.getRequestBody()) {
            if (!exchange.getRequestMethod().equals("POST")) {
                return Answer.error(405, "POST the bytes of an image");
            }
            if (closing || !free.tryAcquire()) {
                discard(body); // some clients read no answer before they have sent everything
                return Answer.error(503, "the service is busy with " + maxRequests + " images; try again");
            }
            try {
                byte[] image = body.readNBytes(MAX_BYTES + 1);
                if (image.length > MAX_BYTES) {
                    return Answer.error(413, "an image may have " + MAX_BYTES + " bytes");
                }
                return embed(image);
            } finally {
                free.release();
            }
        }
    }

    private static void discard(InputStream body) throws IOException {
        byte[] buffer = new byte[1 << 13];
        int read = 0;
        for (int total = 0; read >= 0 && total < MAX_BYTES; total += read) {
            read = body.read(buffer);
        }
    }

    private Answer embed(byte[] image) {
        var request = new Request(image, new CompletableFuture<>());
        waiting.add(request);
        try {
            Encoded<Request> encoded = request.answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return encoded.vector()
                    .map(vector -> new Answer(200, "{\"vector\": " + Arrays.toString(vector) + "}"))
                    .orElseGet(() -> Answer.error(422, "the image " + encoded.failure()));
        } catch (TimeoutException e) {
            waiting.remove(request);
            return Answer.error(503, "the image was not encoded within " + PATIENCE_SECONDS + " s");
        } catch (ExecutionException e) {
            return Answer.error(500, String.valueOf(e.getCause().getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.error(503, "the service is stopping");
        }
    }

    private Answer health() {
        boolean works = !closing && encoding.isAlive();
        return new Answer(
                works ? 200 : 503,
                "{\"status\": \"" + (works ? "ok" : "stopping") + "\", \"requests\": "
                        + (maxRequests - free.availablePermits()) + "}");
    }

    /** Stops accepting images, answers those that it has, and closes the model. */
    @Override
    public void close() {
        closing = true;
        join(encoding);
        server.stop(1); // a second for the last answers
        handlers.shutdown();
        encoder.close();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
