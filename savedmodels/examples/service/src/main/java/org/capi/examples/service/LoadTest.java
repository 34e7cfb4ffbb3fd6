package org.capi.examples.service;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Sends photos to the service from many clients at once, and prints the answers' statuses and times. */
public final class LoadTest {

    private static final int OK = 200;
    private static final int BUSY = 503;

    private final Map<String, Integer> statuses = new TreeMap<>();
    private final List<Double> millis = new ArrayList<>();

    private LoadTest() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 4) {
            System.err.println("usage: LoadTest URL PHOTOS CLIENTS SECONDS, such as http://127.0.0.1:8080/embed photos 16 60");
            System.exit(2);
        }
        List<byte[]> photos = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Path.of(args[1]))) {
            for (Path file : files.filter(LoadTest::isPhoto).limit(200).toList()) {
                photos.add(Files.readAllBytes(file));
            }
        }
        if (photos.isEmpty()) {
            System.err.println("no JPEG, PNG or GIF files below " + args[1]);
            System.exit(2);
        }
        var test = new LoadTest();
        int seconds = Integer.parseInt(args[3]);
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[2]); i++) {
            int first = i;
            clients.add(new Thread(() -> test.send(URI.create(args[0]), photos, first, seconds)));
        }
        clients.forEach(Thread::start);
        for (Thread client : clients) {
            client.join();
        }
        test.print(seconds);
    }

    private static boolean isPhoto(Path file) {
        return Files.isRegularFile(file) && file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(jpe?g|png|gif)");
    }

    private void send(URI to, List<byte[]> photos, int first, int seconds) {
        HttpClient client = HttpClient.newHttpClient();
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        for (int i = first; System.nanoTime() < end; i++) {
            HttpRequest request = HttpRequest.newBuilder(to)
                    .timeout(Duration.ofMinutes(1))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(photos.get(i % photos.size())))
                    .build();
            long before = System.nanoTime();
            String status;
            try {
                int code = client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
                status = Integer.toString(code);
                if (code == BUSY) {
                    Thread.sleep(100);
                }
            } catch (IOException e) {
                status = e.toString();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            add(status, (System.nanoTime() - before) / 1e6);
        }
    }

    private synchronized void add(String status, double took) {
        statuses.merge(status, 1, Integer::sum);
        if (status.equals(Integer.toString(OK))) {
            millis.add(took);
        }
    }

    private void print(int seconds) {
        statuses.forEach((status, count) -> System.out.println("status " + status + ": " + count));
        if (!millis.isEmpty()) {
            Collections.sort(millis);
            System.out.printf(
                    "%.1f images/s, p50 %.0f ms, p99 %.0f ms%n",
                    (double) millis.size() / seconds, millis.get(millis.size() / 2), millis.get(millis.size() * 99 / 100));
        }
    }
}
