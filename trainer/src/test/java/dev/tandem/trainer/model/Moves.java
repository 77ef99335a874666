package dev.tandem.trainer.model;

import dev.tandem.trainer.model.learn.Gradients;
import dev.tandem.trainer.model.runtime.DecoderRuntime;

/** Carries weights along a direction, for finite differences. */
public final class Moves {
  private Moves() {}

  /** Adds so many times the direction to all that learns. */
  public static void along(Decoder decoder, Gradients direction, int times) {
    DecoderRuntime runtime = decoder.runtime();
    for (int i = 0; i < times; i++) {
      runtime
          .workers()
          .call(
              () ->
                  runtime
                      .module()
                      .inference("accumulate")
                      .tensors(runtime.parameters().masters())
                      .tensors(direction.sums())
                      .run(runtime.module().scope()));
    }
  }
}
