package org.capi.train.budget;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.batch.Batch;
import org.capi.data.batch.BatchStream;
import org.capi.data.batch.Images;
import org.capi.data.batch.StreamState;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.capi.train.loop.StepSession;
import org.capi.train.loop.TrainingLoop.Rates;

/** The time that a command may take, and the steps of training that fit into it on this machine. */
public final class TimeBudget {

    private static final Logger log = LogManager.getLogger(TimeBudget.class);

    private static final String TOTAL_STEPS = "optim.total_steps";
    private static final String WARM_UP_STEPS = "optim.warmup_steps";

    private static final double MIN_MINUTES = 1;
    private static final int MIN_STEPS = 20;
    private static final int STEPS_MULTIPLE = 10;

    /** Building the graph again, the first step, and the checkpoints. */
    private static final double SECONDS_AROUND_TRAINING = 8;

    private static final int COMPILING_STEPS = 2;
    private static final int MIN_TIMED_STEPS = 3;
    private static final int MAX_TIMED_STEPS = 12;
    private static final double MAX_TIMED_SECONDS = 4;

    private final double minutes;
    private final long started = System.nanoTime();

    /** Starts the clock. */
    public TimeBudget(double minutes) {
        if (!(minutes >= MIN_MINUTES) || Double.isInfinite(minutes)) {
            throw new IllegalArgumentException("--minutes must be at least 1, was " + minutes);
        }
        this.minutes = minutes;
    }

    /**
     * A configuration with the steps that fit into the rest of the time. Some steps are made on the images and timed.
     * The warm-up keeps its share of the steps, unless it is one of the overrides.
     *
     * @param overrides of the configuration, each {@code section.key=value}
     * @param secondsAfter what the command needs for other work after the training
     * @param maxSteps the most steps to make, however many fit
     */
    public ConfigFile fit(ConfigFile file, List<String> overrides, Images images, double secondsAfter, int maxSteps) {
        check(overrides);
        ConfigFile given = file.with(overrides);
        return with(given, overrides, steps(given.resolve(), images, secondsAfter), maxSteps);
    }

    /** As the other, but where too few steps fit, a few are made all the same. */
    public ConfigFile fitOrFew(ConfigFile file, Images images, double secondsAfter, int maxSteps) {
        Steps fit = steps(file.resolve(), images, secondsAfter);
        return with(file, List.of(), new Steps(Math.max(MIN_STEPS, fit.number), fit.seconds, fit.left), maxSteps);
    }

    /** The steps that fit, the seconds of one, and those that are left for all of them. */
    record Steps(int number, double seconds, double left) {}

    Steps steps(PretrainConfig config, Images images, double secondsAfter) {
        double step = secondsOfStep(config, images);
        double left = minutes * 60 - elapsed() - SECONDS_AROUND_TRAINING - secondsAfter;
        return new Steps((int) (left / step) / STEPS_MULTIPLE * STEPS_MULTIPLE, step, left);
    }

    /** The configuration with the steps that fit; refused where these are too few. */
    ConfigFile with(ConfigFile given, List<String> overrides, Steps fit, int maxSteps) {
        checkEnough(fit);
        int steps = Math.min(maxSteps, fit.number);
        log.info("a step takes {} on this machine: {} steps", milliseconds(fit.seconds), steps);
        List<String> changes = new ArrayList<>(List.of(TOTAL_STEPS + "=" + steps));
        if (!sets(overrides, WARM_UP_STEPS)) {
            PretrainConfig.Optim optim = given.resolve().optim();
            changes.add(WARM_UP_STEPS + "=" + Math.round((double) optim.warmupSteps() * steps / optim.totalSteps()));
        }
        return given.with(changes);
    }

    /** Refuses a time into which too few steps fit. */
    void checkEnough(Steps fit) {
        if (fit.number < MIN_STEPS) {
            double needed = MIN_STEPS * fit.seconds;
            throw new IllegalArgumentException("--minutes " + text() + " is too short: " + MIN_STEPS + " steps of "
                    + milliseconds(fit.seconds) + " take " + seconds(needed) + " on this machine, and "
                    + seconds(Math.max(0, fit.left))
                    + " are left after the start and the timing; give at least --minutes "
                    + (long) Math.ceil(minutes + (needed - fit.left) / 60)
                    + ", or a smaller model or optim.batch_size");
        }
    }

    /** Refuses overrides that set the steps. */
    public static void check(List<String> overrides) {
        if (sets(overrides, TOTAL_STEPS)) {
            throw new IllegalArgumentException("--minutes chooses " + TOTAL_STEPS + "; give one of the two");
        }
    }

    private static boolean sets(List<String> overrides, String key) {
        return overrides.stream()
                .anyMatch(override -> override.split("=", 2)[0].strip().equals(key));
    }

    /**
     * The mean time of some steps with their batches, once the batches that were made ahead are used up; that of the
     * last step where a quarter of the time passes before.
     */
    private double secondsOfStep(PretrainConfig config, Images images) {
        var settings = config.batches();
        double began = elapsed();
        double[] rates = Rates.of(config.optim()).at(0);
        try (StepSession session = StepSession.open(config.step(), config.compute());
                BatchStream batches =
                        BatchStream.open(images, settings, StreamState.start(config.seed(), images.size()), 0)) {
            session.initialize();
            long start = 0;
            int untimed = COMPILING_STEPS + settings.queueDepth();
            for (int done = 0; done < untimed + MAX_TIMED_STEPS; done++) {
                int timed = done - untimed;
                start = timed <= 0 ? System.nanoTime() : start;
                double seconds = (System.nanoTime() - start) / 1e9;
                if (timed >= MIN_TIMED_STEPS && seconds >= MAX_TIMED_SECONDS) {
                    return seconds / timed;
                }
                long before = System.nanoTime();
                try (Batch batch = batches.next()) {
                    session.step(batch, rates);
                }
                if (elapsed() - began > minutes * 60 / (done == 0 ? 2 : 4)) {
                    return (System.nanoTime() - before) / 1e9;
                }
            }
            return (System.nanoTime() - start) / 1e9 / MAX_TIMED_STEPS;
        }
    }

    private double elapsed() {
        return (System.nanoTime() - started) / 1e9;
    }

    /** {@code 10 minutes}. */
    @Override
    public String toString() {
        return minutes == 1 ? "1 minute" : text() + " minutes";
    }

    private String text() {
        return new DecimalFormat("0.###", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(minutes);
    }

    private static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%,.0f s", seconds);
    }

    private static String milliseconds(double seconds) {
        return String.format(Locale.ROOT, "%,.0f ms", 1000 * seconds);
    }
}
