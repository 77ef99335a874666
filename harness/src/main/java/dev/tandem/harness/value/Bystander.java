package dev.tandem.harness.value;

/**
 * A service that bears on nothing the agent does, such as a sink of traces: no harness's hash
 * covers it.
 */
public interface Bystander {}
