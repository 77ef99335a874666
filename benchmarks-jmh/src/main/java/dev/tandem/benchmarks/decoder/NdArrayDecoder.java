package dev.tandem.benchmarks.decoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import dev.tandem.trainer.model.shape.ModelSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Greedy decoding as DJL's own API has it, one call from Java per operator, with a key-value cache:
 * what the TorchScript program is measured against. Qwen3 with tied embeddings, rows of equal
 * length, every matrix product as wide as Tandem's.
 */
final class NdArrayDecoder implements AutoCloseable {
  private static final float NEVER = -1e30f;

  private final ModelSpec spec;
  private final NDManager manager;
  private final NDArray embedding;
  private final NDArray finalNorm;
  private final List<Layer> layers = new ArrayList<>();
  private final NDArray cosines;
  private final NDArray sines;

  private record Layer(
      NDArray inputNorm,
      NDArray qkv,
      NDArray queryNorm,
      NDArray keyNorm,
      NDArray out,
      NDArray postNorm,
      NDArray gateUp,
      NDArray down) {}

  /** Keys and values [B, K, L, D] of one layer. */
  private record Cached(NDArray keys, NDArray values) {}

  NdArrayDecoder(ModelSpec spec, Path weightsFile) {
    this.spec = spec;
    manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    Map<String, SafetensorsFile.Tensor> weights = SafetensorsFile.read(weightsFile);
    embedding = tensor(weights, "model.embed_tokens.weight");
    finalNorm = tensor(weights, "model.norm.weight");
    for (int layer = 0; layer < spec.layers(); layer++) {
      String prefix = "model.layers." + layer + ".";
      String attention = prefix + "self_attn.";
      layers.add(
          new Layer(
              tensor(weights, prefix + "input_layernorm.weight"),
              fused(
                  weights,
                  attention + "q_proj.weight",
                  attention + "k_proj.weight",
                  attention + "v_proj.weight"),
              tensor(weights, attention + "q_norm.weight"),
              tensor(weights, attention + "k_norm.weight"),
              tensor(weights, attention + "o_proj.weight"),
              tensor(weights, prefix + "post_attention_layernorm.weight"),
              fused(weights, prefix + "mlp.gate_proj.weight", prefix + "mlp.up_proj.weight"),
              tensor(weights, prefix + "mlp.down_proj.weight")));
    }
    int half = spec.headDimension() / 2;
    NDArray frequencies =
        manager
            .arange(half)
            .toType(DataType.FLOAT64, false)
            .mul(-2.0 / spec.headDimension() * Math.log(spec.rotary().theta()))
            .exp();
    NDArray positions = manager.arange(spec.maxPositions()).toType(DataType.FLOAT64, false);
    NDArray angles = positions.reshape(-1, 1).mul(frequencies.reshape(1, -1));
    cosines = angles.concat(angles, 1).cos().toType(DataType.FLOAT32, false);
    sines = angles.concat(angles, 1).sin().toType(DataType.FLOAT32, false);
  }

  private NDArray tensor(Map<String, SafetensorsFile.Tensor> weights, String name) {
    SafetensorsFile.Tensor tensor = Objects.requireNonNull(weights.get(name), name);
    return manager.create(tensor.values(), new Shape(tensor.shape()));
  }

  private NDArray fused(Map<String, SafetensorsFile.Tensor> weights, String... names) {
    return NDArrays.concat(
        new NDList(
            Arrays.stream(names).map(name -> tensor(weights, name)).toArray(NDArray[]::new)));
  }

  /**
   * Continues every prompt by its most likely tokens.
   *
   * @param prompts of equal length
   * @return the new tokens, [prompts][count]
   */
  int[][] generate(List<int[]> prompts, int count) {
    int rows = prompts.size();
    int length = prompts.getFirst().length;
    int[][] tokens = new int[rows][count];
    try (NDManager call = manager.newSubManager()) {
      long[] ids = prompts.stream().flatMapToInt(Arrays::stream).asLongStream().toArray();
      NDArray next = call.create(ids, new Shape(rows, length));
      List<Cached> cache = new ArrayList<>();
      int position = 0;
      for (int i = 0; i < count; i++) {
        // A step's intermediate results are freed; the cache and the tokens outlive it.
        try (NDManager step = call.newSubManager()) {
          NDArray input = next.duplicate();
          input.attach(step);
          NDArray chosen = step(input, position, cache);
          position += (int) input.getShape().get(1);
          chosen.attach(call);
          next.close();
          next = chosen;
          keep(cache, call);
        }
        long[] column = next.toLongArray();
        for (int row = 0; row < rows; row++) {
          tokens[row][i] = (int) column[row];
        }
      }
    }
    return tokens;
  }

  private static void keep(List<Cached> cache, NDManager call) {
    for (Cached one : cache) {
      one.keys().attach(call);
      one.values().attach(call);
    }
  }

  /** Reads ids [B, L] from a position on, and returns the most likely next ones, [B, 1]. */
  private NDArray step(NDArray ids, int position, List<Cached> cache) {
    long rows = ids.getShape().get(0);
    long length = ids.getShape().get(1);
    NDArray x = embedding.get(ids.reshape(-1)).reshape(rows, length, spec.hiddenSize());
    x.attach(ids.getManager());
    NDIndex read = new NDIndex("{}:{}", position, position + length);
    NDArray cos = cosines.get(ids.getManager(), read);
    NDArray sin = sines.get(ids.getManager(), read);
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      x = x.add(attention(norm(x, layer.inputNorm()), layer, i, cos, sin, cache));
      NDArray[] gateUp =
          linear(norm(x, layer.postNorm()), layer.gateUp()).split(2, 2).toArray(NDArray[]::new);
      x = x.add(linear(Activation.swish(gateUp[0], 1).mul(gateUp[1]), layer.down()));
    }
    NDArray last = x.get(new NDIndex(":, -1, :"));
    return linear(norm(last, finalNorm), embedding).argMax(1).reshape(rows, 1);
  }

  private NDArray attention(
      NDArray x, Layer layer, int index, NDArray cos, NDArray sin, List<Cached> cache) {
    long rows = x.getShape().get(0);
    long length = x.getShape().get(1);
    int heads = spec.attentionHeads();
    int shared = spec.keyValueHeads();
    int width = spec.headDimension();
    NDList parts =
        linear(x, layer.qkv())
            .reshape(rows, length, heads + 2 * shared, width)
            .transpose(0, 2, 1, 3)
            .split(new long[] {heads, heads + shared}, 1);
    NDArray q = rotate(norm(parts.get(0), layer.queryNorm()), cos, sin);
    NDArray keys = rotate(norm(parts.get(1), layer.keyNorm()), cos, sin);
    NDArray values = parts.get(2);
    if (index < cache.size()) {
      Cached before = cache.get(index);
      keys = before.keys().concat(keys, 2);
      values = before.values().concat(values, 2);
      before.keys().close();
      before.values().close();
      cache.set(index, new Cached(keys, values));
    } else {
      cache.add(new Cached(keys, values));
    }
    long all = keys.getShape().get(2);
    NDArray grouped = q.reshape(rows, shared, heads / shared * length, width);
    NDArray scores = grouped.matMul(keys.transpose(0, 1, 3, 2)).mul(1 / Math.sqrt(width));
    if (length > 1) {
      scores =
          scores
              .reshape(rows, shared, heads / shared, length, all)
              .add(future(x.getManager(), (int) length, (int) all))
              .reshape(rows, shared, heads / shared * length, all);
    }
    NDArray mixed =
        scores
            .softmax(-1)
            .matMul(values)
            .reshape(rows, heads, length, width)
            .transpose(0, 2, 1, 3)
            .reshape(rows, length, (long) heads * width);
    return linear(mixed, layer.out());
  }

  /** What the last {@code length} positions must not see, [length, all]. */
  private static NDArray future(NDManager manager, int length, int all) {
    float[] mask = new float[length * all];
    for (int row = 0; row < length; row++) {
      Arrays.fill(mask, row * all + all - length + row + 1, (row + 1) * all, NEVER);
    }
    return manager.create(mask, new Shape(length, all));
  }

  private NDArray norm(NDArray x, NDArray gain) {
    NDArray square = x.square().mean(new int[] {-1}, true).add(spec.normEpsilon());
    return x.div(square.sqrt()).mul(gain);
  }

  private NDArray rotate(NDArray x, NDArray cos, NDArray sin) {
    NDList halves = x.split(2, 3);
    NDArray turned = halves.get(1).neg().concat(halves.get(0), -1);
    return x.mul(cos).add(turned.mul(sin));
  }

  private static NDArray linear(NDArray x, NDArray weight) {
    return Linear.linear(x, weight).singletonOrThrow();
  }

  @Override
  public void close() {
    manager.close();
  }
}
