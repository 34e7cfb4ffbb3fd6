package org.capi.eval.rows;

/** Some rows of a table. */
final class ChosenRows implements FeatureRows {

    private final FeatureRows rows;
    private final int[] chosen;

    ChosenRows(FeatureRows rows, int[] chosen) {
        this.rows = rows;
        this.chosen = chosen.clone();
    }

    @Override
    public int size() {
        return chosen.length;
    }

    @Override
    public int dim() {
        return rows.dim();
    }

    @Override
    public void read(int from, int count, float[] into, int at) {
        int done = 0;
        while (done < count) {
            int run = 1;
            while (done + run < count && chosen[from + done + run] == chosen[from + done] + run) {
                run++;
            }
            rows.read(chosen[from + done], run, into, at + done * dim());
            done += run;
        }
    }
}
