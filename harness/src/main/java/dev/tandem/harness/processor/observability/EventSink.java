package dev.tandem.harness.processor.observability;

import java.util.function.Consumer;

/** Where {@code trace_log} writes to: a service, shared by all episodes. */
@FunctionalInterface
public interface EventSink {
  /** Begins an episode; what it returns takes one JSON object per event, from one thread. */
  Consumer<String> begin();
}
