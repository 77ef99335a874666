package dev.tandem.harness.processor.support;

import dev.tandem.harness.spi.ProcessorType;

/** What processors that only look on have in common. */
public final class Observers {
  /** Before every other processor: sees what they intercept. */
  public static final int FIRST = -10_000;

  /** After every other processor: sees what they made of an event. */
  public static final int LAST = 10_000;

  private Observers() {}

  public static ProcessorType withOrder(ProcessorType type, int order) {
    return new ProcessorType(
        type.id(),
        type.summary(),
        type.group(),
        type.dimension(),
        type.hooks(),
        order,
        type.after(),
        type.addresses(),
        type.parameters(),
        type.factory());
  }
}
