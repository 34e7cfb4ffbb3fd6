package org.capi.train.bench;

/**
 * How long all ops of one kind ran in a step.
 *
 * @param op the kind, such as {@code MatMul}
 * @param count how many of them ran
 * @param seconds the sum of their times; ops that ran beside each other count in full
 * @param share of the sum over all kinds
 */
public record OpTime(String op, int count, double seconds, double share) {}
