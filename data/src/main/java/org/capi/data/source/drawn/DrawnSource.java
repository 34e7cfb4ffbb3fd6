package org.capi.data.source.drawn;

import java.util.ArrayList;
import java.util.List;
import org.capi.data.source.Source;
import org.capi.data.source.SourceSplit;

/** The embedded set as a collection. */
record DrawnSource(Drawings drawings) implements Source {

    @Override
    public String description() {
        return "drawings of " + drawings.size() + " pixels, seed " + drawings.seed();
    }

    @Override
    public List<SourceSplit> splits() {
        List<SourceSplit> splits = new ArrayList<>();
        splits.add(new DrawnSplit("train", 0, drawings.train(), drawings));
        if (drawings.val() > 0) {
            splits.add(new DrawnSplit("val", 1, drawings.val(), drawings));
        }
        return List.copyOf(splits);
    }

    @Override
    public List<String> classes() {
        return Drawings.classes();
    }
}
