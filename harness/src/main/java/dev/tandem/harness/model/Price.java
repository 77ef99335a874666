package dev.tandem.harness.model;

/**
 * What a provider charges, per million tokens, in whatever currency the money budget is in.
 *
 * @param prompt for a million prompt tokens
 * @param response for a million response tokens
 */
public record Price(double prompt, double response) {
  private static final double MILLION = 1e6;

  /** Nobody charges. */
  public static final Price FREE = new Price(0, 0);

  public Price {
    if (!(prompt >= 0) || !(response >= 0)) {
      throw new IllegalArgumentException(
          "a price must not be negative, was %s and %s".formatted(prompt, response));
    }
  }

  /** What a call costs. */
  public double of(Model.Usage usage) {
    return (usage.promptTokens() * prompt + usage.responseTokens() * response) / MILLION;
  }
}
