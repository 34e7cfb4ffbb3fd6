package org.capi.spark;

import java.io.IOException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.capi.spark.Encoder.Output;

/** The job that writes the features of images to Parquet files: {@code spark-submit --class org.capi.spark.Embed}. */
public final class Embed {

    private static final String USAGE = """
            usage: spark-submit --class org.capi.spark.Embed capi-spark.jar --model DIR --images PATH --to PATH.parquet
              --model DIR        the folder of a SavedModel, on the driver's machine
              --images PATH      Parquet files with images, tar or Arrow shards, or image files, in any folder below
              --to PATH          the folder of Parquet files to write
              --column NAME      the images in Parquet or Arrow files: binary, or a struct with bytes; default: image
              --with OUTPUTS     further columns: registers, patches, or both with a comma between
              --batch-size N     images encoded at once; default: 32
            """;

    private static final String FAILED = ".failed";
    private static final String CAUSED_BY = "Caused by: ";

    private static final Set<String> OPTIONS =
            Set.of("--model", "--images", "--to", "--column", "--with", "--batch-size");

    private final Map<String, String> options;

    private Embed(Map<String, String> options) {
        this.options = options;
    }

    /** Status 2: wrong use or input, found before any image is read. Status 1: a failure of the job. */
    public static void main(String[] args) {
        if (args.length == 0 || List.of(args).contains("--help")) {
            System.out.print(USAGE);
            return;
        }
        Job job;
        try {
            job = new Embed(parse(args)).prepare();
        } catch (IllegalArgumentException | IllegalStateException | IOException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(2);
            return;
        }
        try {
            job.run();
        } catch (Exception e) { // Spark's own kinds are not declared
            System.err.println("error: the job failed: " + reason(e));
            System.exit(1);
        }
    }

    /** What an executor failed by is the innermost cause, or its stack trace is the text of that. */
    private static String reason(Throwable failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        String text = String.valueOf(innermost.getMessage());
        return text.lines()
                .filter(line -> line.startsWith(CAUSED_BY))
                .reduce((before, line) -> line)
                .map(line -> line.substring(CAUSED_BY.length()))
                .orElseGet(() -> text.lines().findFirst().orElse(""));
    }

    private static Map<String, String> parse(String[] args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            if (!OPTIONS.contains(args[i])) {
                throw new IllegalArgumentException("unknown option " + args[i] + "; there are "
                        + String.join(", ", OPTIONS.stream().sorted().toList()));
            }
            if (i + 1 == args.length) {
                throw new IllegalArgumentException("the option " + args[i] + " needs a value");
            }
            if (options.put(args[i], args[i + 1]) != null) {
                throw new IllegalArgumentException("the option " + args[i] + " is given twice");
            }
        }
        return options;
    }

    private String required(String option) {
        String value = options.get(option);
        if (value == null) {
            throw new IllegalArgumentException("the option " + option + " is missing");
        }
        return value;
    }

    /** Checks all that can be checked without Spark. */
    private Job prepare() throws IOException {
        Configuration hadoop = hadoop();
        Encoder encoder = Encoder.of(java.nio.file.Path.of(required("--model")))
                .batchSize(batchSize())
                .with(outputs());
        ImageSource source =
                ImageSource.open(required("--images"), options.getOrDefault("--column", Encoder.IMAGE), hadoop);
        return new Job(encoder, source, writable(required("--to"), hadoop), hadoop);
    }

    private int batchSize() {
        String value = options.getOrDefault("--batch-size", "32");
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--batch-size must be a whole number, was " + value, e);
        }
    }

    private Set<Output> outputs() {
        Set<Output> outputs = EnumSet.noneOf(Output.class);
        String value = options.getOrDefault("--with", "");
        for (String name : value.isEmpty() ? new String[0] : value.split(",", -1)) {
            try {
                outputs.add(Output.valueOf(name.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("--with must name registers or patches, was " + value, e);
            }
        }
        return outputs;
    }

    /** As Spark makes it, before there is a session. */
    private static Configuration hadoop() {
        var hadoop = new Configuration();
        for (var setting : new SparkConf().getAllWithPrefix("spark.hadoop.")) {
            hadoop.set(setting._1(), setting._2());
        }
        return hadoop;
    }

    /** A path that does not exist and can be made, with the list of bad images next to it. */
    private static Path writable(String where, Configuration hadoop) throws IOException {
        Path to = new Path(where);
        FileSystem files = to.getFileSystem(hadoop);
        for (Path path : List.of(to, to.suffix(FAILED))) {
            if (files.exists(path)) {
                throw new IllegalArgumentException(path + " exists already");
            }
        }
        Path parent = files.makeQualified(to).getParent();
        while (parent.getParent() != null && !files.exists(parent)) {
            parent = parent.getParent();
        }
        Path probe = new Path(parent, ".capi-" + UUID.randomUUID());
        try {
            files.create(probe).close();
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot write to " + parent + ": " + e.getMessage(), e);
        }
        files.delete(probe, false);
        return to;
    }

    private record Job(Encoder encoder, ImageSource source, Path to, Configuration hadoop) {

        void run() throws IOException {
            try (SparkSession spark = SparkSession.builder()
                    .appName("capi embed")
                    // The reader of Parquet holds this many rows, by default 4096; here a row is an image.
                    .config("spark.sql.parquet.columnarReaderBatchSize", 64)
                    .getOrCreate()) {
                write(encoder.encode(source.read(spark)));
                report(spark);
            }
        }

        /** Tasks write to folders of their own, and Spark moves those of one attempt each: a row is there once. */
        private void write(Dataset<Row> features) throws IOException {
            boolean written = false;
            try {
                features.write().mode(SaveMode.ErrorIfExists).parquet(to.toString());
                written = true;
            } finally {
                if (!written) {
                    to.getFileSystem(hadoop).delete(to, true); // it was not there before
                }
            }
        }

        private void report(SparkSession spark) {
            Dataset<Row> written = spark.read().parquet(to.toString());
            Dataset<Row> failed = written.where("error is not null").select("name", "error");
            long rows = written.count();
            long bad = failed.count();
            String list = "";
            if (bad > 0) {
                Path place = to.suffix(FAILED);
                failed.coalesce(1).write().json(place.toString());
                list = ", listed in " + place;
            }
            System.out.println(to + ": " + String.format(Locale.ROOT, "%,d", rows - bad) + " images encoded, "
                    + String.format(Locale.ROOT, "%,d", bad) + " bad" + list);
        }
    }
}
