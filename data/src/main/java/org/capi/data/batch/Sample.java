package org.capi.data.batch;

import java.util.List;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.CropBox;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.Pixels;

/**
 * One row of a batch, and how it came about.
 *
 * @param row of the dataset
 * @param image that was read there
 * @param header of that image, whose height and width the box lies in
 * @param box the part of the image that the crop shows
 * @param flipped whether the crop was mirrored afterwards
 * @param crop what the model is shown
 * @param visible the patches that the student sees, ascending from 0 in reading order
 * @param predicted the hidden patches that it predicts
 */
public record Sample(
        long row,
        ImageRecord image,
        ImageHeader header,
        CropBox box,
        boolean flipped,
        Pixels crop,
        List<Long> visible,
        List<Long> predicted) {

    public Sample {
        visible = List.copyOf(visible);
        predicted = List.copyOf(predicted);
    }
}
