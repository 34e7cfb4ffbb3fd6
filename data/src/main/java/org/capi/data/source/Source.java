package org.capi.data.source;

import java.util.List;

/** A collection of images somewhere else, which can be read as often as one likes, each time in the same order. */
public interface Source {

    /** The kind of the collection and its absolute place, such as {@code imagefolder /data/flowers}. */
    String description();

    /** The parts it has, in the order in which they are imported; never empty. */
    List<SourceSplit> splits();

    /** The class names that are known before an image is read, in the order of their labels; empty when they are met on the way. */
    List<String> classes();

    /** What a user should know of that was passed over or is missing, a line for each. */
    default List<String> notes() {
        return List.of();
    }
}
