package org.capi.train.ablate;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;

/** A probe of frozen features that comes to one fraction, the higher the better. */
public enum Judge {
    /** Top-1 of the nearest neighbours. */
    KNN("knn", "/top1", ""),
    /** Top-1 of a linear classifier over the mean of the patches. */
    LINEAR("probe", "/probes/0/tests/0/top1", "representations=avg_patch"),
    /** Top-1 of a classifier that attends to the patches. */
    ATTENTIVE("probe", "/probes/0/tests/0/top1", "representations=patches"),
    /** Mean intersection over union of the nearest patches' labels. */
    SEGMENT_KNN("segment", "/probes/0/mean_iou", "probe=knn"),
    /** The same of a logistic regression. */
    SEGMENT_LOGISTIC("segment", "/probes/0/mean_iou", "probe=logistic");

    private final String command;
    private final String measure;
    private final String setting;

    Judge(String command, String measure, String setting) {
        this.command = command;
        this.measure = measure;
        this.setting = setting;
    }

    /** The command below {@code eval}. */
    public String command() {
        return command;
    }

    /** What its command must be told besides what the recipe says. */
    List<String> settings() {
        return setting.isEmpty() ? List.of() : List.of(setting);
    }

    /** The fraction in what the command printed. */
    double measure(JsonNode result) {
        JsonNode value = result.at(measure);
        if (!value.isNumber()) {
            throw new IllegalArgumentException("no number at " + measure + " in " + result);
        }
        return value.doubleValue();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
