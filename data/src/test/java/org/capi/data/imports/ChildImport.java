package org.capi.data.imports;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.capi.data.source.folder.ImageFolder;

/** An import in a process of its own, to be killed or to be denied the disk. */
record ChildImport(Process process, BufferedReader output) implements AutoCloseable {

    static final String FAILED = "failed: ";

    private static final long PATIENCE_SECONDS = 120;
    private static final long PACE_MILLIS = 2; // for each image, so that a moment can be chosen

    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    /** The options of every import here: shards of a few images. */
    static final ImportOptions OPTIONS = new ImportOptions(ImportOptions.OnError.SKIP, 0.2, 1 << 20, Set.of(), 3000, 2);

    /** Starts to import a folder of images; files may have so many blocks of 1024 bytes. */
    static ChildImport start(Path from, Path to, String blocksOfFile) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "bash",
                "-c",
                "ulimit -f " + blocksOfFile + " && exec \"$@\"",
                "import",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData", // a file that the limit would be for too
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                "-cp",
                System.getProperty("java.class.path"),
                ChildImport.class.getName(),
                from.toString(),
                to.toString()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new ChildImport(
                process, new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
    }

    /** Runs in the child: says a line for every image. */
    public static void main(String[] arguments) throws IOException {
        try {
            Import.run(ImageFolder.open(Path.of(arguments[0])), Path.of(arguments[1]), OPTIONS, (done, total) -> {
                say(done + " of " + total);
                pause();
            });
        } catch (IOException e) {
            say(FAILED + e.getMessage());
        }
    }

    /** Waits until so many images are done. */
    void awaitImages(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            if (output.readLine() == null) {
                return;
            }
        }
    }

    /** The last line that the child says. */
    String lastLine() throws IOException {
        return output.lines().reduce("", (before, line) -> line);
    }

    /** Kills it as nothing can prevent; whether it was still at work. */
    boolean kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the import does not end");
        }
        return process.exitValue() != 0;
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        output.close();
    }

    private static void say(String line) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        OUT.write(bytes, 0, bytes.length);
        OUT.flush();
    }

    private static void pause() {
        try {
            Thread.sleep(PACE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
