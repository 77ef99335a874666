package dev.tandem.trainer.export;

import dev.tandem.trainer.model.file.WeightFormat;

/**
 * What to export.
 *
 * @param content the whole model, or an adapter only
 * @param format of the weights; an adapter is copied as it is
 * @param version of Tandem, for the model card
 */
public record ExportOptions(Content content, WeightFormat format, String version) {

  /** What the weights in the folder are. */
  public enum Content {
    /** The whole model, an adapter merged into it. */
    MERGED,
    /** A LoRA adapter in PEFT's layout, beside the base model it names. */
    ADAPTER
  }
}
