package org.capi.eval.segment;

/** The most frequent of a few labels, the smallest of those that are equally frequent; for one thread. */
final class Mode {

    static final int LABELS = 256;

    private final int[] counts = new int[LABELS];

    /** Of {@code count} labels that lie {@code stride} apart. */
    byte of(byte[] labels, int from, int count, int stride) {
        int best = LABELS;
        int most = 0;
        for (int i = 0; i < count; i++) {
            int label = Byte.toUnsignedInt(labels[from + i * stride]);
            int times = ++counts[label];
            if (times > most || (times == most && label < best)) {
                most = times;
                best = label;
            }
        }
        for (int i = 0; i < count; i++) {
            counts[Byte.toUnsignedInt(labels[from + i * stride])] = 0;
        }
        return (byte) best;
    }
}
