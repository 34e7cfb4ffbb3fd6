package org.capi.eval.segment;

/** A smooth function that is to be made small. */
@FunctionalInterface
interface Objective {

    /** Its value at a point, with the gradient written into an array. */
    double at(double[] point, double[] gradient);
}
