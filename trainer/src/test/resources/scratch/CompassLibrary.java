package scratch;

import dev.tandem.harness.event.*;
import dev.tandem.harness.spi.*;
import java.util.*;

/** A note that shows the way. */
public final class CompassLibrary implements ProcessorLibrary {
  @Override
  public List<ProcessorType> types() {
    return List.of(
        new ProcessorType(
            "compass_note",
            "Says where the door is.",
            "compass_note",
            Dimension.CONTEXT_ASSEMBLY,
            Set.of(Hook.BEFORE_MODEL),
            ProcessorType.NORMAL,
            List.of(),
            Set.of(FailureCategory.REPEATED_ACTION, FailureCategory.NO_PROGRESS),
            List.of(),
            arguments ->
                event ->
                    event instanceof Event.BeforeModel before
                        ? new Outcome.Transform(
                            before.withLastContent(before.lastContent() + " the door is right ."))
                        : Outcome.PASS));
  }

  @Override
  public Set<String> vocabulary() {
    return Set.of("the", "door", "is", "right", ".");
  }
}
