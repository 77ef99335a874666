package dev.tandem.trainer.model.shape;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Where each tensor of a checkpoint lives among the decoder's native tensors.
 *
 * <p>The native tensors are fused: query, key and value projections are one matrix, so are the
 * MLP's gate and up projections. One wide matrix product is faster than three narrow ones, and
 * since a fused tensor is the checkpoint's tensors one after the other, every name is still one
 * contiguous range. Element-wise work (AdamW, norms, clipping) is indifferent to the fusion.
 *
 * @param natives the native tensors in the program's order
 * @param slots the checkpoint's tensors, in native order
 */
public record WeightLayout(List<Native> natives, List<Slot> slots) {

  /**
   * A native tensor.
   *
   * @param shape its dimensions
   */
  public record Native(List<Long> shape) {
    public long elements() {
      return product(shape);
    }

    public long[] dimensions() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }

    /** Weight decay acts on matrices only, not on norm gains and biases. */
    public boolean isMatrix() {
      return shape.size() == 2;
    }
  }

  /**
   * A tensor of the checkpoint as a range of a native one.
   *
   * @param name Hugging Face's name
   * @param shape its dimensions
   * @param nativeIndex which native tensor holds it
   * @param offset index of its first element there
   */
  public record Slot(String name, List<Long> shape, int nativeIndex, long offset) {
    public long elements() {
      return product(shape);
    }

    long[] dimensions() {
      return shape.stream().mapToLong(Long::longValue).toArray();
    }

    public boolean isMatrix() {
      return shape.size() == 2;
    }

    /** Whether it is a matrix within a layer: no embedding and no output head. */
    public boolean isProjection() {
      return isMatrix() && name.contains(".layers.");
    }

    /** Index of its first row in a native matrix. */
    public long firstRow() {
      return offset / shape.getLast();
    }
  }

  public WeightLayout {
    natives = List.copyOf(natives);
    slots = List.copyOf(slots);
  }

  public static WeightLayout of(ModelSpec spec) {
    Builder builder = new Builder();
    int hidden = spec.hiddenSize();
    int query = spec.queryWidth();
    int keyValue = spec.keyValueWidth();
    boolean biased = spec.architecture().hasQueryKeyValueBias();
    boolean normed = spec.architecture().hasQueryKeyNorm();
    builder.matrix(hidden, part("model.embed_tokens.weight", spec.vocabularySize()));
    for (int layer = 0; layer < spec.layers(); layer++) {
      String prefix = "model.layers." + layer + ".";
      String attention = prefix + "self_attn.";
      builder.vector(part(prefix + "input_layernorm.weight", hidden));
      builder.matrix(
          hidden,
          part(attention + "q_proj.weight", query),
          part(attention + "k_proj.weight", keyValue),
          part(attention + "v_proj.weight", keyValue));
      if (biased) {
        builder.vector(
            part(attention + "q_proj.bias", query),
            part(attention + "k_proj.bias", keyValue),
            part(attention + "v_proj.bias", keyValue));
      }
      if (normed) {
        builder.vector(part(attention + "q_norm.weight", spec.headDimension()));
        builder.vector(part(attention + "k_norm.weight", spec.headDimension()));
      }
      builder.matrix(query, part(attention + "o_proj.weight", hidden));
      builder.vector(part(prefix + "post_attention_layernorm.weight", hidden));
      builder.matrix(
          hidden,
          part(prefix + "mlp.gate_proj.weight", spec.mlpSize()),
          part(prefix + "mlp.up_proj.weight", spec.mlpSize()));
      builder.matrix(spec.mlpSize(), part(prefix + "mlp.down_proj.weight", hidden));
    }
    builder.vector(part("model.norm.weight", hidden));
    if (!spec.tiedEmbeddings()) {
      builder.matrix(hidden, part("lm_head.weight", spec.vocabularySize()));
    }
    return new WeightLayout(builder.natives, builder.slots);
  }

  /** The checkpoint's tensors in the order of their names, the order of the file. */
  public List<Slot> slotsByName() {
    return slots.stream().sorted(Comparator.comparing(Slot::name)).toList();
  }

  /** The checkpoint's tensor of that name, which exists. */
  public Slot slot(String name) {
    return slots.stream()
        .filter(slot -> slot.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the layout has no tensor " + name));
  }

  /** Some of the native tensors and what they hold, in the same order. */
  public WeightLayout subset(List<Integer> nativeIndices) {
    return new WeightLayout(
        nativeIndices.stream().map(natives::get).toList(),
        slots.stream()
            .filter(slot -> nativeIndices.contains(slot.nativeIndex()))
            .map(
                slot ->
                    new Slot(
                        slot.name(),
                        slot.shape(),
                        nativeIndices.indexOf(slot.nativeIndex()),
                        slot.offset()))
            .toList());
  }

  public long parameters() {
    return natives.stream().mapToLong(Native::elements).sum();
  }

  private record Part(String name, int rows) {}

  private static Part part(String name, int rows) {
    return new Part(name, rows);
  }

  private static long product(List<Long> shape) {
    long product = 1;
    for (long dimension : shape) {
      product *= dimension;
    }
    return product;
  }

  private static final class Builder {
    private final List<Native> natives = new ArrayList<>();
    private final List<Slot> slots = new ArrayList<>();

    private void matrix(int columns, Part... parts) {
      long rows = 0;
      for (Part part : parts) {
        List<Long> shape = List.of((long) part.rows(), (long) columns);
        slots.add(new Slot(part.name(), shape, natives.size(), rows * columns));
        rows += part.rows();
      }
      natives.add(new Native(List.of(rows, (long) columns)));
    }

    private void vector(Part... parts) {
      int rows = 0;
      for (Part part : parts) {
        slots.add(new Slot(part.name(), List.of((long) part.rows()), natives.size(), rows));
        rows += part.rows();
      }
      natives.add(new Native(List.of((long) rows)));
    }
  }
}
