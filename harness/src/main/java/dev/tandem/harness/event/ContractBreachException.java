package dev.tandem.harness.event;

/** A processor did what its hook does not allow. */
public final class ContractBreachException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String processor;
  private final Hook hook;
  private final String field;
  private final int step;

  /**
   * For what the check of the returned event cannot see, such as a field that code names.
   *
   * @param rule what the field must do, such as {@code must stay as it is}
   */
  public ContractBreachException(String processor, Hook hook, String field, int step, String rule) {
    super(
        "processor '%s' broke the contract of %s at step %d: %s %s"
            .formatted(processor, hook.id(), step, field, rule));
    this.processor = processor;
    this.hook = hook;
    this.field = field;
    this.step = step;
  }

  /** Type of the processor at fault. */
  public String processor() {
    return processor;
  }

  public Hook hook() {
    return hook;
  }

  /**
   * The event's field that was changed, or the forbidden outcome: {@code split}, {@code intercept}
   * or {@code interrupt}.
   */
  public String field() {
    return field;
  }

  /** Step of the episode, -1 at task start. */
  public int step() {
    return step;
  }
}
