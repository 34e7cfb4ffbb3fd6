package org.capi.graph.vit;

/** Where registers are, before they are scaled to the visible patches. */
public enum RegisterCoordinates {
    /** Evenly along the border, from the top-left corner down the left side and around. */
    EDGE {
        @Override
        void check(int registers) {
            if (registers % 4 != 0) {
                throw new IllegalArgumentException(
                        "registers must be a multiple of 4 with edge coordinates, was " + registers);
            }
        }

        @Override
        float[][] of(int registers) {
            int side = registers / 4;
            float[][] coordinates = new float[registers][];
            for (int i = 0; i < side; i++) {
                float t = (float) i / side;
                coordinates[i] = new float[] {t, 0};
                coordinates[side + i] = new float[] {1, t};
                coordinates[2 * side + i] = new float[] {1 - t, 1};
                coordinates[3 * side + i] = new float[] {0, 1 - t};
            }
            return coordinates;
        }
    },
    /** All in the top-left corner. */
    ZEROS {
        @Override
        void check(int registers) {}

        @Override
        float[][] of(int registers) {
            return new float[registers][2];
        }
    };

    /** Refuses a count that cannot be placed. */
    abstract void check(int registers);

    /** (row, column) of each register, {@code [registers, 2]}. */
    abstract float[][] of(int registers);
}
