package dev.tandem.trainer.model.shape;

import java.util.ArrayList;
import java.util.List;

/**
 * Where each tensor of a LoRA adapter lives among the program's native tensors. Adapters of one
 * input share a fused A, as the projections share a fused matrix; every B is a tensor of its own.
 * Names are PEFT's.
 */
public final class AdapterLayout {

  public static final String A = "lora_A";
  public static final String B = "lora_B";
  private static final String PREFIX = "base_model.model.";

  private AdapterLayout() {}

  /** All blocks' tensors, in the program's order: {@link #tensorsPerBlock} for each. */
  public static WeightLayout of(ModelSpec spec, LoraSettings lora) {
    List<WeightLayout.Native> natives = new ArrayList<>();
    List<WeightLayout.Slot> slots = new ArrayList<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (List<Projection> fused : Projection.FUSED) {
        List<Projection> targets = lora.among(fused);
        if (!targets.isEmpty()) {
          int input = targets.getFirst().inputWidth(spec);
          for (int i = 0; i < targets.size(); i++) {
            slots.add(
                new WeightLayout.Slot(
                    name(layer, targets.get(i), A),
                    shape(lora.rank(), input),
                    natives.size(),
                    (long) i * lora.rank() * input));
          }
          natives.add(new WeightLayout.Native(shape(targets.size() * lora.rank(), input)));
          for (Projection target : targets) {
            List<Long> shape = shape(target.outputWidth(spec), lora.rank());
            slots.add(new WeightLayout.Slot(name(layer, target, B), shape, natives.size(), 0));
            natives.add(new WeightLayout.Native(shape));
          }
        }
      }
    }
    return new WeightLayout(natives, slots);
  }

  /** How many native tensors a block's adapters are. */
  public static int tensorsPerBlock(LoraSettings lora) {
    return Projection.FUSED.stream()
        .map(lora::among)
        .filter(targets -> !targets.isEmpty())
        .mapToInt(targets -> 1 + targets.size())
        .sum();
  }

  static String name(int layer, Projection target, String part) {
    return "%smodel.layers.%d.%s.%s.weight".formatted(PREFIX, layer, target.path(), part);
  }

  /** The model's tensor that an A or B adapts. */
  public static String adapted(String name) {
    return name.substring(PREFIX.length()).replace(A + ".", "").replace(B + ".", "");
  }

  private static List<Long> shape(int rows, int columns) {
    return List.of((long) rows, (long) columns);
  }
}
