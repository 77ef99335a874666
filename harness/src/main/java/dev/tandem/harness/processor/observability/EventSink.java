package dev.tandem.harness.processor.observability;

import dev.tandem.harness.value.Bystander;
import java.util.function.Consumer;

/** Where {@code trace_log} writes to: a service, shared by all episodes. */
@FunctionalInterface
public interface EventSink extends Bystander {
  /** Begins an episode; what it returns takes one JSON object per event, from one thread. */
  Consumer<String> begin();
}
