package org.capi.train.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs a copy of the launcher against a JDK, a build and a uname that are scripts of a few lines, with each of the shells
 * that may be {@code /bin/sh}; those that are not installed are skipped.
 */
@ParameterizedClass
@ValueSource(strings = {"sh", "dash", "busybox sh", "bash --posix", "mksh", "yash"})
class LauncherTest {

    private static final String JAVA_17 =
            "[ \"$1\" = -version ] && { echo 'openjdk version \"17.0.1\"' >&2; exit 0; }; echo \"ran $*\"";
    private static final String BUILD = "mkdir -p train/target; echo \"$*\" >>builds; echo jar >train/target/capi.jar";

    @TempDir
    Path folder;

    private final String shell;
    private Path project;
    private Path bin;

    LauncherTest(String shell) {
        String[] words = shell.split(" ", 2);
        Path program = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(entry -> Path.of(entry).resolve(words[0]))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        assumeTrue(program != null, "skipped: " + words[0] + " is not installed");
        this.shell = program + (words.length == 1 ? "" : " " + words[1]);
    }

    @BeforeEach
    void copy() throws IOException {
        project = Files.createDirectories(folder.resolve("a project"));
        bin = Files.createDirectories(folder.resolve("jdk/bin"));
        Path launcher = Path.of(System.getProperty("capi.root", "..")).resolve("capi");
        script(project.resolve("capi"), Files.readString(launcher).replaceFirst("#!/bin/sh\n", "#!" + shell + "\n"));
        script(project.resolve("mvnw"), BUILD);
        Files.createDirectories(project.resolve("data/src/main"));
        Files.writeString(project.resolve("pom.xml"), "");
        script(bin.resolve("java"), JAVA_17);
        machine("Linux", "x86_64");
    }

    @Test
    void itBuildsOnceAndPassesTheArgumentsOn() throws Exception {
        assertThat(launch("pretrain", "a b").out()).startsWith("ran ").endsWith("capi.jar pretrain a b\n");
        var second = launch("doctor");

        assertThat(second.err()).isEmpty();
        assertThat(second.status()).isZero();
        assertThat(builds()).hasSize(1).first().asString().contains("-Dcapi.checks=off");
    }

    @Test
    void itSaysThatItBuilds() throws Exception {
        assertThat(launch("doctor").err()).startsWith("capi: building ").hasLineCount(1);
    }

    @Test
    void aSourceThatIsNewerThanTheJarIsBuiltAgain() throws Exception {
        launch("doctor");
        Path source = Files.writeString(project.resolve("data/src/main/New.java"), "");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
        launch("doctor");

        assertThat(builds()).hasSize(2);
    }

    @Test
    void theJarOfARunningProgramIsReplacedAndNotOverwritten() throws Exception {
        launch("doctor");
        Path running = Files.createLink(folder.resolve("running.jar"), project.resolve("train/target/capi.jar"));
        Path source = Files.writeString(project.resolve("data/src/main/New.java"), "");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
        script(project.resolve("mvnw"), BUILD.replace("echo jar", "echo other"));
        launch("doctor");

        assertThat(running).hasContent("jar");
        assertThat(project.resolve("train/target/capi.jar")).hasContent("other");
    }

    @Test
    void programsOfXlaAreKeptForAGpuBuildInAFolderOfTheirFlags() throws Exception {
        script(bin.resolve("java"), JAVA_17.replace("ran $*", "flags ${TF_XLA_FLAGS-none}"));
        String cache = "XDG_CACHE_HOME=" + folder.resolve("cache");
        assertThat(launchWith(List.of(cache), "doctor").out()).isEqualTo("flags none\n");

        String gpu = "CAPI_BUILD_OPTIONS=-Pgpu";
        String kept = launchWith(List.of(cache, gpu), "doctor").out();
        assertThat(kept)
                .startsWith("flags --tf_xla_persistent_cache_directory=" + folder.resolve("cache/capi/xla-"))
                .endsWith(" --tf_xla_persistent_cache_device_types=GPU\n");
        assertThat(folder.resolve("cache/capi")).isDirectoryContaining("glob:**xla-*");
        assertThat(launchWith(List.of(cache, gpu), "doctor").out()).isEqualTo(kept);
        assertThat(launchWith(List.of(cache, gpu, "XLA_FLAGS=--other"), "doctor")
                        .out())
                .isNotEqualTo(kept);
        assertThat(launchWith(List.of(cache, gpu, "TF_XLA_FLAGS=--own"), "doctor")
                        .out())
                .isEqualTo("flags --own\n");
        assertThat(launchWith(List.of("XDG_CACHE_HOME=" + folder.resolve("a cache"), gpu), "doctor")
                        .out())
                .isEqualTo("flags none\n");
    }

    @Test
    void theFastestKernelsAreKeptWithThePrograms() throws Exception {
        script(bin.resolve("java"), JAVA_17.replace("ran $*", "flags ${XLA_FLAGS-none}"));
        String cache = "XDG_CACHE_HOME=" + folder.resolve("cache");
        assertThat(launchWith(List.of(cache, "CAPI_BUILD_OPTIONS=-Pgpu"), "doctor")
                        .out())
                .startsWith("flags --xla_gpu_enable_cudnn_fmha=true --xla_gpu_per_fusion_autotune_cache_dir="
                        + folder.resolve("cache/capi/xla-"))
                .endsWith("/autotuning\n");
        try (var folders = Files.list(folder.resolve("cache/capi"))) {
            assertThat(folders.map(kept -> kept.resolve("autotuning")))
                    .hasSize(1)
                    .allSatisfy(kept -> assertThat(kept).isDirectory());
        }
    }

    @ParameterizedTest
    @CsvSource({"XLA_FLAGS, --xla_gpu_enable_cudnn_fmha=true, --own", "NVIDIA_TF32_OVERRIDE, 0, 1"})
    void aGpuBuildSetsWhatTheUserDoesNotSet(String variable, String value, String own) throws Exception {
        script(bin.resolve("java"), JAVA_17.replace("ran $*", "set ${" + variable + "-nothing}"));
        String cache = "XDG_CACHE_HOME=" + folder.resolve("a cache"); // in which nothing is kept
        String gpu = "CAPI_BUILD_OPTIONS=-Pgpu";
        assertThat(launchWith(List.of(cache), "doctor").out()).isEqualTo("set nothing\n");
        assertThat(launchWith(List.of(cache, gpu), "doctor").out()).isEqualTo("set " + value + "\n");
        assertThat(launchWith(List.of(cache, gpu, variable + "=" + own), "doctor")
                        .out())
                .isEqualTo("set " + own + "\n");
        assertThat(launchWith(List.of(cache, gpu, variable + "="), "doctor").out())
                .isEqualTo("set \n");
    }

    @Test
    void otherBuildOptionsAreBuiltOnce() throws Exception {
        launch("doctor");
        String gpu = "CAPI_BUILD_OPTIONS=-Pgpu";
        launchWith(List.of(gpu), "doctor");
        launchWith(List.of(gpu), "doctor");

        assertThat(builds()).hasSize(2);
        assertThat(builds().get(1)).contains("-Pgpu");
    }

    @Test
    void twoLaunchesAtOnceBuildOnce() throws Exception {
        script(project.resolve("mvnw"), "sleep 1; " + BUILD);
        Process first = start(List.of(), "one");
        Process second = start(List.of(), "two");

        assertThat(first.waitFor()).isZero();
        assertThat(second.waitFor()).isZero();
        assertThat(builds()).hasSize(1);
        assertThat(project.resolve("train/target/build.lock")).doesNotExist();
    }

    @Test
    void aLocaleThatIsNotUtf8IsReplacedByOneThatIs() throws Exception {
        script(bin.resolve("java"), JAVA_17.replace("ran $*", "LC_ALL=${LC_ALL-} LANG=${LANG-}"));
        script(bin.resolve("locale"), locale("ANSI_X3.4-1968", "C C.utf8 POSIX"));
        assertThat(launchWith(List.of("LC_ALL=POSIX", "LANG=C"), "doctor").out())
                .isEqualTo("LC_ALL=C.utf8 LANG=C\n");

        script(bin.resolve("locale"), locale("UTF-8", "C C.utf8 POSIX de_DE.utf8"));
        assertThat(launchWith(List.of("LC_ALL=", "LANG=de_DE.UTF-8"), "doctor").out())
                .isEqualTo("LC_ALL= LANG=de_DE.UTF-8\n");

        script(bin.resolve("locale"), "echo 'locale: Cannot set LC_ALL' >&2; " + locale("UTF-8", "C C.UTF-8 POSIX"));
        assertThat(launchWith(List.of("LC_ALL=", "LANG=xx_XX.UTF-8"), "doctor").out())
                .isEqualTo("LC_ALL=C.UTF-8 LANG=xx_XX.UTF-8\n");

        script(bin.resolve("locale"), locale("ANSI_X3.4-1968", "C POSIX"));
        assertThat(launchWith(List.of("LC_ALL=POSIX", "LANG=C"), "doctor").out())
                .isEqualTo("LC_ALL=POSIX LANG=C\n");
    }

    @Test
    void aLockLeftBehindDoesNotStopIt() throws Exception {
        Path lock = Files.createDirectories(project.resolve("train/target/build.lock"));
        Files.writeString(lock.resolve("pid"), "99999999");

        assertThat(launch("doctor").status()).isZero();
    }

    @Test
    void aFailedBuildShowsTheEndOfItsLogAndWhereItIs() throws Exception {
        script(project.resolve("mvnw"), "echo 'the reason'; exit 1");
        var failed = launch("doctor");

        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.err())
                .contains("the reason")
                .endsWith("the whole log is " + project.resolve("train/target/build.log") + "\n");
        assertThat(project.resolve("train/target/build.lock")).doesNotExist();
    }

    @Test
    void anOldJavaIsRefused() throws Exception {
        script(bin.resolve("java"), "echo 'java version \"1.8.0_402\"' >&2");
        var refused = launch("doctor");

        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err())
                .isEqualTo("capi: " + bin.resolve("java") + " is version 1.8.0_402; a JDK 17 or newer is needed\n");
    }

    @Test
    void aJavaHomeWithoutJavaIsNamed() throws Exception {
        Files.delete(bin.resolve("java"));

        assertThat(launch("doctor").err())
                .isEqualTo("capi: JAVA_HOME is " + folder.resolve("jdk")
                        + ", which holds no bin/java; point it to a JDK 17 or newer\n");
    }

    @Test
    void itRunsOnLinuxArm64AndOnAppleSilicon() throws Exception {
        script(bin.resolve("sysctl"), "[ \"$*\" = '-n hw.optional.arm64' ] && echo 1");
        for (String[] machine : new String[][] {{"Linux", "aarch64"}, {"Darwin", "arm64"}, {"Darwin", "x86_64"}}) {
            machine(machine[0], machine[1]);
            assertThat(launch("doctor").out()).as("%s %s", (Object[]) machine).endsWith("capi.jar doctor\n");
        }
    }

    @Test
    void anotherPlatformIsToldWhatIsSupported() throws Exception {
        script(bin.resolve("sysctl"), "echo \"sysctl: unknown oid '$2'\" >&2; exit 1");
        machine("Darwin", "x86_64");
        assertThat(refused()).startsWith("capi: TensorFlow Java has no library for Macs with Intel processors");
        machine("MINGW64_NT-10.0-22631", "x86_64");
        assertThat(refused()).startsWith("capi: this program does not run on Windows itself: install WSL2");
        machine("FreeBSD", "amd64");
        assertThat(refused())
                .isEqualTo("capi: this program runs on Linux (x86-64 and arm64) and on macOS (Apple silicon);"
                        + " this is FreeBSD amd64\n");
    }

    private String refused() throws Exception {
        var refused = launch("doctor");

        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err()).hasLineCount(1);
        return refused.err();
    }

    private void machine(String system, String processor) throws IOException {
        assumeTrue(system.equals("Linux") || !shell.contains("busybox"), "skipped: busybox has a uname of its own");
        script(bin.resolve("uname"), "[ \"$1\" = -s ] && echo '" + system + "' || echo " + processor);
    }

    @Test
    void itRunsThroughALinkFromAnyFolder() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a project/capi"));
        var builder = new ProcessBuilder(link.toString(), "doctor");
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        Process process = builder.redirectErrorStream(true).start();

        assertThat(text(process.getInputStream().readAllBytes())).endsWith("capi.jar doctor\n");
    }

    /** A program locale that knows these locales, and the encoding of the one in force. */
    private static String locale(String encoding, String all) {
        return "case $1 in charmap) echo " + encoding + " ;; -a) printf '%s\\n' " + all + " ;; esac";
    }

    private record Outcome(int status, String out, String err) {}

    private Outcome launch(String... arguments) throws Exception {
        return launchWith(List.of(), arguments);
    }

    private Outcome launchWith(List<String> settings, String... arguments) throws Exception {
        Process process = start(settings, arguments);
        String out = text(process.getInputStream().readAllBytes());
        String err = text(process.getErrorStream().readAllBytes());
        return new Outcome(process.waitFor(), out, err);
    }

    private Process start(List<String> settings, String... arguments) throws IOException {
        var builder = new ProcessBuilder(
                Stream.concat(Stream.of(project.resolve("capi").toString()), Stream.of(arguments))
                        .toList());
        builder.environment().remove("CAPI_BUILD_OPTIONS");
        builder.environment().put("JAVA_HOME", folder.resolve("jdk").toString());
        builder.environment().merge("PATH", bin.toString(), (path, first) -> first + ":" + path);
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            builder.environment().put(setting.substring(0, equals), setting.substring(equals + 1));
        }
        return builder.start();
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(project.resolve("builds"));
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, (body.startsWith("#!") ? "" : "#!/bin/sh\n") + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
