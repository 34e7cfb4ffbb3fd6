package org.capi.train.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.capi.train.TinyRun;
import org.capi.train.loop.PretrainRun;
import org.capi.train.run.RunFolder.RunLog;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Wrong use, wrong configuration and wrong inputs: exit status 2, one line that names what and why, and nothing
 * touched.
 */
class WrongCallTest {

    private static final String PRETRAIN = "pretrain --data {f}/set --run {f}/new ";
    private static final String ABLATE = "ablate --recipe demo-table1b --data {f}/set --run {f}/new ";
    private static final String NO_GPU =
            "compute.device must be auto or cpu on this machine, was gpu: TensorFlow finds none"
                    + " that it can use; ./capi doctor --gpu says why";
    private static final String NO_DATASET = "it holds no dataset.json (made by 'data import' and 'data generate')";

    /** Each: the words, an arrow, the line. {f} is the folder of {@link #make}, two quotes an empty word. */
    static final List<String> CALLS = List.of(
            // words
            "pretrain -> Missing required options: '--data=DIR[:SPLIT][,DIR...]', '--run=DIR'; see capi pretrain --help",
            "pretrain --data {f}/set -> Missing required option: '--run=DIR'; see capi pretrain --help",
            "pretrain --data {f}/set --run '' -> Invalid value for option '--run': a path must not be empty, was '';"
                    + " see capi pretrain --help",
            PRETRAIN + "--prest demo -> unknown option --prest; did you mean --preset?",
            PRETRAIN + "--steps 100 -> unknown option --steps; write optim.total_steps=100",
            PRETRAIN + "--steps -> unknown option --steps; write optim.total_steps=N",
            PRETRAIN + "--step 100 -> unknown option --step; write optim.total_steps=100",
            PRETRAIN + "--max-steps=many -> unknown option --max-steps=many; write optim.total_steps=N",
            PRETRAIN
                    + "--epochs 10 -> unknown option --epochs; write optim.total_steps=N, where steps = epochs x images /"
                    + " optim.batch_size",
            PRETRAIN + "--lr 0.1 -> unknown option --lr; write optim.learning_rate=0.1",
            PRETRAIN + "--learning-rate=1e-3 -> unknown option --learning-rate=1e-3; write optim.learning_rate=1e-3",
            PRETRAIN + "--batch-size 64 -> unknown option --batch-size; write optim.batch_size=64",
            PRETRAIN + "--image-size 224 -> unknown option --image-size; write data.image_size=224",
            PRETRAIN + "--seed 3 -> unknown option --seed; write seed=3",
            PRETRAIN + "--gpu -> unknown option --gpu; write compute.device=gpu",
            PRETRAIN + "--device cuda -> unknown option --device; write compute.device=gpu",
            PRETRAIN + "--device tpu -> unknown option --device; write compute.device=auto|cpu|gpu",
            PRETRAIN + "--bf16 -> unknown option --bf16; write compute.type=bfloat16",
            PRETRAIN + "--crop 0.5 -> unknown option --crop; write data.crop_scale=[A,B]",
            PRETRAIN + "--optim.momentum 0.9 -> unknown option --optim.momentum; write optim.momentum=0.9",
            PRETRAIN + "--output_dir x -> unknown option --output_dir; did you mean --run?",
            PRETRAIN + "--arch vits14 -> unknown option --arch; did you mean --preset?",
            "bench step --lr 1 -> unknown option --lr; write optim.learning_rate=1",
            "resume --run {f}/run --lr 1 -> unknown option --lr; a resumed run keeps its optim.learning_rate",
            "resume --run {f}/run --num-workers 4 -> unknown option --num-workers; write data.threads=4",
            "resume --run {f}/run --workers 4 -> optim.batch_size must be a multiple of the number of workers, which is 4,"
                    + " was 6",
            "config optim.lerning_rate -> unknown key optim.lerning_rate; did you mean optim.learning_rate?",
            "config --preset auto -> --preset auto is chosen by pretrain for its images and --minutes, and is config.yaml in"
                    + " the folder of the run; give another preset, or --config with this file",
            "config demo -> demo is a preset, not a key; give --preset demo",
            "config lr=1 -> unknown key lr; did you mean optim.learning_rate?",
            "config --config {f}/nothing -> {f}/nothing is no configuration: it has no keys",
            PRETRAIN + "--preset auto -> --preset auto is for pretrain with --minutes N, the time that the training may"
                    + " take",
            PRETRAIN
                    + "--preset auto --minutes 2 --from-weights {f}/run -> --preset auto chooses the sizes of the model,"
                    + " and --from-weights has its own; with --from-weights name the --preset or the --config of the weights",
            PRETRAIN
                    + "--preset demo --minutes 2 --from-weights {f}/absent -> no run, model or file of weights: {f}/absent",
            "export --run {f}/run --to {f}/new --output {f}/new -> unknown option --output; did you mean --to?",
            "bench step --minutes 5 -> unknown option --minutes; see capi bench step --help",
            PRETRAIN + "--preset auto --minutes 0 -> --minutes must be at least 1, was 0.0",
            PRETRAIN + "--minutes ten -> Invalid value for option '--minutes': 'ten' is not a double; see capi pretrain"
                    + " --help",
            PRETRAIN + "--minutes 2 optim.total_steps=9 -> --minutes chooses optim.total_steps; give one of the two",
            PRETRAIN + "--preset auto --minutes 2 --config {f}/text -> --preset and --config exclude each other, were"
                    + " auto and {f}/text",
            PRETRAIN + "whatever -> an override is section.key=value, was whatever",
            "resume -> Missing required option: '--run=DIR'; see capi resume --help",
            "resume --run '' -> Invalid value for option '--run': a path must not be empty, was ''; see capi resume --help",
            "resume --run {f}/run --reply 2 -> unknown option --reply; did you mean --replay?",
            "resume --run {f}/run --replay x -> Invalid value for option '--replay': 'x' is not a long; see capi resume --help",
            "resume --run {f}/run data.threads -> an override is section.key=value, was data.threads; did you mean"
                    + " data.threads=N?",
            "export --run {f}/run -> Missing required option: '--to=DIR'; see capi export --help",
            "export --run {f}/run --to '' -> Invalid value for option '--to': a path must not be empty, was '';"
                    + " see capi export --help",
            "export --run {f}/run --to {f}/new --wieghts teacher -> unknown option --wieghts; did you mean --weights?",
            "export --run {f}/run --to {f}/new --weights techer -> Invalid value for option '--weights': expected one of"
                    + " [TEACHER, STUDENT] (case-insensitive) but was 'techer'; see capi export --help",
            "export --run {f}/run --to {f}/new model.dim=3 -> unexpected argument model.dim=3; see capi export --help",
            "doctor --gpus -> unknown option --gpus; did you mean --gpu?",
            "doctor gpu -> unexpected argument gpu; see capi doctor --help",
            "bench -> give a command: step, data, clustering, encoder, knn, logistic; see capi bench --help",
            "bench stp -> unknown command stp; did you mean step?",
            "bench step --stps 3 -> unknown option --stps; did you mean --steps?",
            "bench step --steps many -> Invalid value for option '--steps': 'many' is not an int; see capi bench step --help",
            "bench step --steps 0 -> warm-up and steps must be at least 1, were 3 and 0",
            "bench step --warm-up -1 -> warm-up and steps must be at least 1, were -1 and 20",
            "ablate --data {f}/set -> Missing required options: '--recipe=NAME|FILE', '--run=DIR'; see capi ablate --help",
            ABLATE + "--st ade={f}/set -> unknown option --st; did you mean --set?",
            ABLATE + "--set ade -> --set is NAME=DIR, was ade",
            ABLATE + "--set data={f}/set -> --set data is given twice, or is what --data names",
            // configurations
            PRETRAIN + "--preset demoo -> unknown preset demoo; did you mean demo?",
            PRETRAIN
                    + "--preset demo --config {f}/text -> --preset and --config exclude each other, were demo and {f}/text",
            PRETRAIN + "--config {f}/absent.yaml -> no such configuration file: {f}/absent.yaml",
            PRETRAIN + "--config {f}/empty -> no such configuration file: {f}/empty",
            PRETRAIN + "--config {f}/nothing -> {f}/nothing is no configuration: it has no keys",
            PRETRAIN + "--config {f}/text -> {f}/text is no configuration: it has no keys",
            PRETRAIN + "--config {f}/bytes -> {f}/bytes is no configuration: not UTF-8 text",
            PRETRAIN + "optin.learning_rate=1 -> unknown key optin.learning_rate; did you mean optim.learning_rate?",
            PRETRAIN + "optim.lerning_rate=1 -> unknown key optim.lerning_rate; did you mean optim.learning_rate?",
            PRETRAIN + "optim.learning_rate=-1 -> optim.learning_rate must be greater than 0, was -1.0",
            PRETRAIN + "optim.batch_size=x -> optim.batch_size must be a whole number, was \"x\"",
            PRETRAIN
                    + "data.mask=blok -> data.mask must be one of uniform, block, inverse_block, was \"blok\"; did you mean"
                    + " block?",
            PRETRAIN + "compute.device=gpu -> " + NO_GPU,
            PRETRAIN + "capi.targets=frozen capi.teacher={f}/absent -> capi.teacher must be a run, a model or a file of"
                    + " weights, was {f}/absent, which is not there",
            "resume --run {f}/run optim.learning_rate=1 -> a resumed run may change only compute, checkpoint, metrics,"
                    + " evals and data.threads, was optim.learning_rate=1",
            "resume --run {f}/run metrics.evry=1 -> unknown key metrics.evry; did you mean metrics.every?",
            "resume --run {f}/run checkpoint.every=0 -> checkpoint.every must be at least 1, was 0",
            "resume --run {f}/run compute.type=float3 -> compute.type must be one of float32, bfloat16, was \"float3\"; did"
                    + " you mean float32?",
            "resume --run {f}/run compute.device=gpu -> " + NO_GPU,
            "bench step --preset demo --config {f}/nothing -> --preset and --config exclude each other, were demo and"
                    + " {f}/nothing",
            "bench step optim.batch_sise=3 -> unknown key optim.batch_sise; did you mean optim.batch_size?",
            "bench step model.heads=5 -> model.heads must divide model.dim, which is 128, was 5",
            "bench step compute.device=gpu -> " + NO_GPU,
            ABLATE + "optim.batch_sise=4 -> unknown key optim.batch_sise; did you mean optim.batch_size?",
            ABLATE + "optim.batch_size=0 -> the variant random (90 %): optim.batch_size must be at least 1, was 0",
            ABLATE
                    + "data.mask=block -> an override must not set what the recipe varies, was data.mask=block (the variant"
                    + " random (90 %))",
            // images
            "pretrain --data '' --run {f}/new -> a dataset is named as DIR or DIR:SPLIT, got an empty text",
            "pretrain --data {f}/set, --run {f}/new -> a dataset is named as DIR or DIR:SPLIT, got an empty text",
            "pretrain --data {f}/set: --run {f}/new -> the split after the colon is empty: {f}/set:",
            "pretrain --data {f}/set:vall --run {f}/new -> no dataset folder: {f}/set/vall",
            "pretrain --data {f}/set,{f}/absent --run {f}/new -> no dataset folder: {f}/absent",
            "pretrain --data {f}/text --run {f}/new -> no dataset folder: {f}/text",
            "pretrain --data {f}/empty --run {f}/new -> no dataset in {f}/empty: " + NO_DATASET,
            "pretrain --data {f}/run --run {f}/new -> no dataset in {f}/run: " + NO_DATASET,
            "resume --run {f}/run --data {f}/absent -> no dataset folder: {f}/absent",
            "resume --run {f}/run --data {f}/set:val -> the run was started with image sets of [20] images, these have [10];"
                    + " give the same sets in the same order",
            "ablate --recipe demo-table1b --data {f}/absent --run {f}/new -> no dataset folder: {f}/absent/train",
            "ablate --recipe demo-table1b --data {f}/set:vall --run {f}/new -> no dataset folder: {f}/set/vall",
            // runs, weights, recipes
            "pretrain --data {f}/set --run {f}/run -> the run folder {f}/run already holds a run (run.json); name another"
                    + " folder, or continue with: ./capi resume --run {f}/run",
            "pretrain --data {f}/set --run {f}/text -> the run folder {f}/text is a file; name a folder",
            "pretrain --data {f}/set --run {f}/text/new -> {f}/text/new must lie in a folder, but {f}/text is a file",
            PRETRAIN + "--from-weights {f}/absent -> no run, model or file of weights: {f}/absent",
            PRETRAIN
                    + "--from-weights {f}/empty -> the folder {f}/empty is not a SavedModel with weights: it lacks the file"
                    + " {f}/empty/saved_model.pb",
            PRETRAIN
                    + "--from-weights {f}/text -> cannot read weights from {f}/text: it is neither a checkpoint of PyTorch"
                    + " (a zip file) nor a safetensors file",
            PRETRAIN
                    + "--from-weights {f}/started -> the run {f}/started has no complete checkpoint to take weights of",
            "resume --run {f}/absent -> {f}/absent is not a run folder: it must hold config.yaml",
            "resume --run {f}/empty -> {f}/empty is not a run folder: it must hold config.yaml",
            "resume --run {f}/text -> {f}/text is not a run folder: it must hold config.yaml",
            "resume --run {f}/started -> the run {f}/started ended before its first checkpoint; start it again with ./capi"
                    + " pretrain --run {f}/started",
            "resume --run {f}/unfinished -> the run {f}/unfinished has no complete checkpoint to continue from",
            "pretrain --data {f}/set --run {f}/unfinished -> the run folder {f}/unfinished already holds a run (run.json);"
                    + " name another folder, or continue with: ./capi resume --run {f}/unfinished",
            "pretrain --data {f}/set --run {f}/own -> the run folder {f}/own already holds a run (config.yaml); name another"
                    + " folder, or continue with: ./capi resume --run {f}/own",
            "resume --run {f}/torn -> damaged {f}/torn/run.json: line 1 is not what a run notes there",
            "resume --run {f}/run --replay 2 -> no batch of step 2 was captured under {f}/run/faults; there are: []",
            "export --run {f}/absent --to {f}/new -> {f}/absent is not a run folder: it must hold config.yaml",
            "export --run {f}/empty --to {f}/new -> {f}/empty is not a run folder: it must hold config.yaml",
            "export --run {f}/started --to {f}/new -> the run {f}/started has no complete checkpoint",
            "export --run {f}/torn --to {f}/new -> damaged {f}/torn/run.json: line 1 is not what a run notes there",
            "export --run {f}/run --to {f}/empty -> the folder {f}/empty exists already; name one that does not",
            "export --run {f}/run --to {f}/text/new -> {f}/text/new must lie in a folder, but {f}/text is a file",
            "export --run {f}/run --to {f}/new --step 2 -> no checkpoint of step 2 under {f}/run/checkpoints; there are:"
                    + " [0, 3]",
            "export --run {f}/run --to {f}/new --layers 9 -> layers must be from 0 (the encoder's first tokens) to 2 (its"
                    + " last block), or from -1 (the last) to -3 (the first tokens), one was 9",
            "ablate --recipe {f}/nothing --data {f}/set --run {f}/new -> the recipe {f}/nothing is not a recipe: it has no keys",
            "ablate --recipe {f}/text --data {f}/set --run {f}/new -> the recipe {f}/text is not a recipe: it has no keys",
            "ablate --recipe {f}/bytes --data {f}/set --run {f}/new -> the recipe {f}/bytes is not a recipe: not UTF-8 text",
            "ablate --recipe demo-table1b --data {f}/set --run {f}/text -> the folder {f}/text is a file; name a folder",
            "ablate --recipe demo-table1b --data {f}/set --run {f}/text/new -> {f}/text/new must lie in a folder, but"
                    + " {f}/text is a file",
            "ablate --recipe demo-table1b --data {f}/set --run {f}/run -> the folder {f}/run holds files that are"
                    + " not those of an ablation; name a new folder");

    @TempDir
    private static Path folder;

    /** A set, runs that can continue and that cannot, one with a torn record, and what is none of these. */
    @BeforeAll
    static void make() throws IOException {
        Path run = folder.resolve("run");
        PretrainRun.start(run, TinyRun.images(folder.resolve("set")).toString(), TinyRun.config(4), List.of());
        RunLog.detach();
        delete(run.resolve("checkpoints/step-0000004"));
        for (String name : List.of("started", "unfinished/checkpoints/step-0000003", "own", "torn", "empty")) {
            Files.createDirectories(folder.resolve(name));
        }
        for (String name : List.of("started", "unfinished")) {
            Files.copy(run.resolve("config.yaml"), folder.resolve(name).resolve("config.yaml"));
            Files.copy(run.resolve("run.json"), folder.resolve(name).resolve("run.json"));
        }
        Files.copy(run.resolve("config.yaml"), folder.resolve("own/config.yaml"));
        Files.copy(run.resolve("config.yaml"), folder.resolve("torn/config.yaml"));
        Files.writeString(folder.resolve("torn/run.json"), "{\"version\": ");
        Path checkpoint = folder.resolve("torn/checkpoints/step-0000003");
        Files.createDirectories(checkpoint);
        try (Stream<Path> files = Files.list(run.resolve("checkpoints/step-0000003"))) {
            for (Path file : files.toList()) {
                Files.copy(file, checkpoint.resolve(file.getFileName()));
            }
        }
        Files.writeString(folder.resolve("text"), "some words\n");
        Files.writeString(folder.resolve("nothing"), "");
        Files.write(folder.resolve("bytes"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
    }

    @ParameterizedTest
    @FieldSource("CALLS")
    @Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD) // a call that is not refused might train
    void aWrongCallIsRefusedInOneLineAndTouchesNothing(String call) throws IOException {
        String[] parts = call.replace("{f}", folder.toString()).split(" -> ", -1);
        String[] words = Arrays.stream(parts[0].split(" "))
                .map(word -> word.equals("''") ? "" : word)
                .toArray(String[]::new);
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        List<String> before = contents();
        int status = Main.run(
                new Console(new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), false), words);
        assertThat(err.toString(UTF_8)).isEqualTo("capi: " + parts[1] + "\n");
        assertThat(status).isEqualTo(Failure.USE);
        assertThat(out.toString(UTF_8)).isEmpty();
        assertThat(contents()).isEqualTo(before);
    }

    /** Every file with its size and the time of its last change. */
    private static List<String> contents() throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            List<Path> sorted = paths.sorted().toList();
            List<String> contents = new ArrayList<>();
            for (Path path : sorted) {
                contents.add(path + " " + Files.size(path) + " " + Files.getLastModifiedTime(path));
            }
            return contents;
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
