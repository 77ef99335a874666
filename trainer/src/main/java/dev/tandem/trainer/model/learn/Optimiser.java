package dev.tandem.trainer.model.learn;

import ai.djl.pytorch.engine.PtNDArray;
import dev.tandem.trainer.model.file.CheckpointException;
import dev.tandem.trainer.model.file.ElementType;
import dev.tandem.trainer.model.file.Safetensors;
import dev.tandem.trainer.model.file.SafetensorsWriter;
import dev.tandem.trainer.model.runtime.DecoderRuntime;
import dev.tandem.trainer.model.shape.WeightLayout;
import dev.tandem.trainer.model.torch.Precision;
import dev.tandem.trainer.model.torch.ScriptModule;
import dev.tandem.trainer.model.torch.TensorScope;
import dev.tandem.trainer.model.weights.FusedTensors;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * AdamW on what learns in a decoder, its weights or its adapter, with clipping by the global norm;
 * one native call a step.
 *
 * <p>Only what learns has state. Weight decay acts on matrices, not on norm gains and biases. The
 * state (moments and step count) can be saved and restored to the last bit, so a resumed run
 * continues as if it had never stopped.
 */
public final class Optimiser implements AutoCloseable {

  private static final String MEAN = "exp_avg.";
  private static final String SQUARE = "exp_avg_sq.";
  private static final String STEP_KEY = "step";

  private final DecoderRuntime runtime;
  private final AdamWSettings settings;
  private final PtNDArray[] means;
  private final PtNDArray[] squares;
  private final PtNDArray[] steps;
  private final long[] matrices;
  private final long[] vectors;
  private long stepsTaken;

  /** Starts with empty moments. */
  public Optimiser(DecoderRuntime runtime, AdamWSettings settings) {
    this(runtime, settings, runtime.zeros(), runtime.zeros(), 0);
  }

  private Optimiser(
      DecoderRuntime runtime,
      AdamWSettings settings,
      PtNDArray[] means,
      PtNDArray[] squares,
      long stepsTaken) {
    this.runtime = runtime;
    this.settings = settings;
    this.means = means;
    this.squares = squares;
    this.stepsTaken = stepsTaken;
    List<WeightLayout.Native> natives = runtime.parameters().learningLayout().natives();
    steps =
        natives.stream()
            .map(_ -> runtime.module().scope().floats(new float[] {stepsTaken}, 1))
            .toArray(PtNDArray[]::new);
    matrices = indices(natives, true);
    vectors = indices(natives, false);
  }

  private static long[] indices(List<WeightLayout.Native> natives, boolean matrix) {
    return IntStream.range(0, natives.size())
        .filter(i -> natives.get(i).isMatrix() == matrix)
        .asLongStream()
        .toArray();
  }

  /**
   * Clips the gradients' global norm, moves the weights, and sets the gradients to zero.
   *
   * @param gradients sums to descend along
   * @param learningRate step size
   * @param maxGradientNorm the norm that gradients are scaled down to when theirs is larger
   * @return the global norm before clipping
   * @throws NonFiniteGradientException when the norm is not finite; the weights are unchanged, the
   *     gradients zero
   */
  public double step(Gradients gradients, double learningRate, double maxGradientNorm) {
    if (!(learningRate >= 0)) {
      throw new IllegalArgumentException("learningRate must not be negative, was " + learningRate);
    }
    if (!(maxGradientNorm > 0)) {
      throw new IllegalArgumentException(
          "maxGradientNorm must be positive, was " + maxGradientNorm);
    }
    float norm =
        runtime
            .workers()
            .call(
                () -> {
                  try (TensorScope scope = runtime.module().scope().open()) {
                    ScriptModule.Call call = runtime.module().inference("update");
                    return arguments(call, gradients, learningRate, maxGradientNorm)
                        .run(scope)
                        .getFirst()
                        .toFloatArray()[0];
                  }
                });
    return count(norm);
  }

  /** Notes the outcome of a native update. */
  double count(float norm) {
    if (!Float.isFinite(norm)) {
      throw new NonFiniteGradientException(norm, stepsTaken);
    }
    runtime.weightsChanged();
    stepsTaken++;
    return norm;
  }

  /** Adds everything that the script's {@code update} takes. */
  ScriptModule.Call arguments(
      ScriptModule.Call call, Gradients gradients, double rate, double limit) {
    return call.tensors(runtime.parameters().learning())
        .tensors(runtime.parameters().masters())
        .tensors(gradients.sums())
        .tensors(means)
        .tensors(squares)
        .tensors(steps)
        .integers(matrices)
        .integers(vectors)
        .real(rate)
        .real(settings.beta1())
        .real(settings.beta2())
        .real(settings.epsilon())
        .real(settings.weightDecay())
        .real(limit);
  }

  /** Number of steps taken, those before a restore included. */
  public long stepsTaken() {
    return stepsTaken;
  }

  /** Number of numbers kept for the moments: two for each number that learns. */
  public long stateElements() {
    return 2 * runtime.parameters().learningLayout().parameters();
  }

  /**
   * Writes moments and step count to a safetensors file; equal states give equal bytes.
   *
   * @throws IllegalStateException when the decoder computes in 64 bits, which the file would cut
   */
  public void save(Path file) {
    if (runtime.execution().precision() == Precision.FLOAT64) {
      throw new IllegalStateException(
          "moments of 64 bits cannot be saved; FLOAT64 is for checking gradients, train in"
              + " FLOAT32");
    }
    WeightLayout layout = runtime.parameters().learningLayout();
    Map<String, SafetensorsWriter.Tensor> tensors = new HashMap<>();
    FusedTensors.of(layout, means)
        .byName(ElementType.F32)
        .forEach((name, tensor) -> tensors.put(MEAN + name, tensor));
    FusedTensors.of(layout, squares)
        .byName(ElementType.F32)
        .forEach((name, tensor) -> tensors.put(SQUARE + name, tensor));
    SafetensorsWriter.write(file, tensors, Map.of(STEP_KEY, Long.toString(stepsTaken)));
  }

  /**
   * Continues from a saved state.
   *
   * @throws CheckpointException when the file is damaged or belongs to a model of another shape
   */
  public static Optimiser restore(DecoderRuntime runtime, AdamWSettings settings, Path file) {
    WeightLayout layout = runtime.parameters().learningLayout();
    TensorScope scope = runtime.module().scope();
    try (Safetensors saved = Safetensors.open(file)) {
      String stated = saved.metadata().getOrDefault(STEP_KEY, "absent");
      if (!stated.matches("\\d{1,15}")) {
        throw new CheckpointException(
            file, "states step \"%s\"; name a file that an optimiser saved".formatted(stated));
      }
      for (WeightLayout.Slot slot : layout.slots()) {
        check(saved, MEAN + slot.name(), slot);
        check(saved, SQUARE + slot.name(), slot);
      }
      return new Optimiser(
          runtime,
          settings,
          moments(layout, saved, MEAN, scope),
          moments(layout, saved, SQUARE, scope),
          Long.parseLong(stated));
    }
  }

  private static PtNDArray[] moments(
      WeightLayout layout, Safetensors saved, String prefix, TensorScope scope) {
    return FusedTensors.load(layout, name -> saved.tensor(prefix + name), ElementType.F32, scope)
        .tensors();
  }

  private static void check(Safetensors saved, String name, WeightLayout.Slot slot) {
    Safetensors.Entry entry = saved.entries().get(name);
    if (entry == null || !entry.shape().equals(slot.shape())) {
      throw new CheckpointException(
          saved.file(),
          "%s should have shape %s but is %s; name the state saved beside this model's weights"
              .formatted(name, slot.shape(), entry == null ? "absent" : entry.shape()));
    }
  }

  /** Frees the native memory. */
  @Override
  public void close() {
    List.of(means).forEach(PtNDArray::close);
    List.of(squares).forEach(PtNDArray::close);
    List.of(steps).forEach(PtNDArray::close);
  }
}
