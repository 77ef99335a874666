package dev.tandem.harness.run;

import dev.tandem.harness.event.Event;
import java.util.List;
import java.util.Optional;

/**
 * What the model decided.
 *
 * @param open names of the tools it was offered
 * @param refusal what it is told instead of an action where its response was intercepted and it
 *     could not be asked again
 */
record Reply(Event.ModelResponse response, List<String> open, Optional<String> refusal) {}
