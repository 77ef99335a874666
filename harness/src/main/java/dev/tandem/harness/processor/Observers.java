package dev.tandem.harness.processor;

import dev.tandem.harness.ProcessorType;

/** What processors that only look on have in common. */
final class Observers {
  /** Before every other processor: sees what they intercept. */
  static final int FIRST = -10_000;

  /** After every other processor: sees what they made of an event. */
  static final int LAST = 10_000;

  private Observers() {}

  static ProcessorType withOrder(ProcessorType type, int order) {
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
