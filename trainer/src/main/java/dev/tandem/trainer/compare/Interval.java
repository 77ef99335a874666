package dev.tandem.trainer.compare;

/** A 95% confidence interval. */
public record Interval(double low, double high) {}
