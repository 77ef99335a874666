package dev.tandem.trainer.run;

/**
 * When a round was put on disk.
 *
 * @param writeSeconds that its weights and moments took
 * @param finishedAt the time after that, in ISO 8601 and UTC
 */
record Written(double writeSeconds, String finishedAt) {}
