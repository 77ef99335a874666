package dev.tandem.trainer.export;

import dev.tandem.trainer.run.SuccessRate;
import java.util.Locale;

/**
 * Where weights come from, for whoever finds them later. It has no date: equal runs, equal cards.
 */
record ModelCard(Provenance provenance, ExportOptions options) {

  /** The card as Markdown with Hugging Face's front matter. */
  String text() {
    return """
    ---
    %s---

    # %s

    Trained with Tandem %s: cross-harness GRPO on rollouts in the environment `%s`. %s

    | | |
    | --- | --- |
    | base model | %s |
    | weights before the first round (SHA-256) | `%s` |
    | harness (SHA-256 of its behaviour) | `%s` |
    | mode | %s |
    | seed | %s |
    | rounds | %d |
    | data (SHA-256 over those of the rounds' traces) | `%s` |
    | sealed success before | %s |
    | sealed success after | %s |

    The SHA-256 of weights is over all tensors as little-endian singles in the order of their names.
    Sealed success is over tasks that nothing selected on, with its 95%% interval (Wilson).

    `harness.yaml` is the harness it was trained under; prompts are rendered by the chat template that
    comes with the tokenizer.
    """
        .formatted(
            frontMatter(),
            provenance.run(),
            provenance.version(),
            provenance.environment(),
            content(),
            provenance.base().isEmpty()
                ? "none: trained from scratch by behaviour cloning"
                : "`" + provenance.base() + "`",
            provenance.baseWeights(),
            provenance.harness().sha256(),
            provenance.mode(),
            provenance.seed(),
            provenance.rounds(),
            provenance.traces(),
            shown(provenance.before()),
            shown(provenance.after()));
  }

  private String frontMatter() {
    String base = provenance.base().isEmpty() ? "" : "base_model: " + provenance.base() + "\n";
    String library =
        switch (options.content()) {
          case MERGED -> "transformers";
          case ADAPTER -> "peft";
        };
    return "library_name: %s\n%spipeline_tag: text-generation\n".formatted(library, base);
  }

  private String content() {
    return switch (options.content()) {
      case MERGED ->
          "The weights are complete, as %s.".formatted(options.format().type().torchName());
      case ADAPTER -> "The weights are a LoRA adapter to the base model.";
    };
  }

  private static String shown(SuccessRate rate) {
    return String.format(
        Locale.ROOT,
        "%.1f%% [%.1f, %.1f] of %d",
        100 * rate.success(),
        100 * rate.low(),
        100 * rate.high(),
        rate.episodes());
  }
}
