package dev.tandem.trainer.model.learn;

import ai.djl.ndarray.types.DataType;
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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * AdamW or Muon on what learns in a decoder, its weights or its adapter, with clipping by the
 * global norm; one native call a step and thread.
 *
 * <p>Only what learns has state. Weight decay acts on matrices, not on norm gains and biases. The
 * state (moments and step count) can be saved and restored to the last bit, so a resumed run
 * continues as if it had never stopped.
 */
public final class Optimiser implements AutoCloseable {

  private static final String MEAN = "exp_avg.";
  private static final String MOMENTUM = "momentum_buffer.";
  private static final String SQUARE = "exp_avg_sq.";
  private static final String STEP_KEY = "step";

  /** Fewer weights than this are moved before a second thread has begun. */
  private static final long WORTH_SHARING = 1L << 20;

  /** Native tensors that one thread moves: AdamW's matrices and vectors, and Muon's parts. */
  @SuppressWarnings("ArrayRecordComponent") // handed to native calls
  private record Share(long[] own, long[] matrices, long[] vectors, long[] parts) {}

  private final DecoderRuntime runtime;
  private final UpdateRule rule;
  private final PtNDArray[] means;
  private final PtNDArray[] squares;

  /** Second moments at their native tensor's index; what has none is not looked at there. */
  private final PtNDArray[] squaresByNative;

  private final PtNDArray[] steps;
  private final Share whole;
  private final List<Share> shares;
  private long stepsTaken;

  /** Starts with empty moments. */
  public Optimiser(DecoderRuntime runtime, UpdateRule rule) {
    this(runtime, rule, runtime.zeros(), squares(runtime, rule), 0);
  }

  private static PtNDArray[] squares(DecoderRuntime runtime, UpdateRule rule) {
    PtNDArray[] masters = runtime.parameters().masters();
    return runtime.zerosLike(
        adamWed(runtime.parameters().learningLayout(), rule).stream()
            .map(i -> masters[i])
            .toArray(PtNDArray[]::new));
  }

  /** Which native tensors have second moments: those that the rule does not orthogonalise. */
  private static List<Integer> adamWed(WeightLayout layout, UpdateRule rule) {
    return IntStream.range(0, layout.natives().size())
        .filter(
            i ->
                layout.slots().stream()
                    .noneMatch(slot -> slot.nativeIndex() == i && rule.orthogonalises(slot)))
        .boxed()
        .toList();
  }

  private Optimiser(
      DecoderRuntime runtime,
      UpdateRule rule,
      PtNDArray[] means,
      PtNDArray[] squares,
      long stepsTaken) {
    this.runtime = runtime;
    this.rule = rule;
    this.means = means;
    this.squares = squares;
    this.stepsTaken = stepsTaken;
    WeightLayout layout = runtime.parameters().learningLayout();
    List<WeightLayout.Native> natives = layout.natives();
    steps =
        natives.stream()
            .map(_ -> runtime.module().scope().floats(new float[] {stepsTaken}, 1))
            .toArray(PtNDArray[]::new);
    List<Integer> adamWed = adamWed(layout, rule);
    squaresByNative = means.clone();
    for (int i = 0; i < squares.length; i++) {
      squaresByNative[adamWed.get(i)] = squares[i];
    }
    whole = share(layout, IntStream.range(0, natives.size()).boxed().toList());
    shares = shares(layout);
  }

  /**
   * As many shares of about equal size as there are workers. A tensor is moved by one thread
   * whatever the number of these, so it is moved to the same bits.
   */
  private List<Share> shares(WeightLayout layout) {
    int threads = runtime.execution().workers();
    if (threads == 1 || layout.parameters() < WORTH_SHARING) {
      return List.of(whole);
    }
    List<List<Integer>> members = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      members.add(new ArrayList<>());
    }
    long[] sizes = new long[threads];
    List<Integer> largestFirst =
        IntStream.range(0, layout.natives().size())
            .boxed()
            .sorted(Comparator.comparingLong(i -> -layout.natives().get(i).elements()))
            .toList();
    for (int tensor : largestFirst) {
      int least =
          IntStream.range(0, threads)
              .boxed()
              .min(Comparator.comparingLong(i -> sizes[i]))
              .orElseThrow();
      members.get(least).add(tensor);
      sizes[least] += layout.natives().get(tensor).elements();
    }
    return members.stream()
        .filter(one -> !one.isEmpty())
        .map(one -> share(layout, one.stream().sorted().toList()))
        .toList();
  }

  private Share share(WeightLayout layout, List<Integer> own) {
    List<Integer> byAdamW = adamWed(layout, rule).stream().filter(own::contains).toList();
    return new Share(
        own.stream().mapToLong(Integer::longValue).toArray(),
        indices(byAdamW, i -> layout.natives().get(i).isMatrix()),
        indices(byAdamW, i -> !layout.natives().get(i).isMatrix()),
        layout.slots().stream()
            .filter(slot -> rule.orthogonalises(slot) && own.contains(slot.nativeIndex()))
            .flatMapToLong(
                slot -> LongStream.of(slot.nativeIndex(), slot.firstRow(), slot.shape().getFirst()))
            .toArray());
  }

  private static long[] indices(List<Integer> natives, IntPredicate chosen) {
    return natives.stream().mapToInt(Integer::intValue).filter(chosen).asLongStream().toArray();
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
    try (TensorScope scope = runtime.module().scope().open()) {
      PtNDArray norm =
          runtime
              .workers()
              .call(
                  () ->
                      runtime
                          .module()
                          .inference("global_norm")
                          .tensors(gradients.sums())
                          .run(scope)
                          .getFirst());
      runtime
          .workers()
          .map(
              shares,
              share ->
                  arguments(
                          runtime.module().inference("move").tensor(norm),
                          share,
                          gradients,
                          learningRate,
                          maxGradientNorm)
                      .run(scope));
      return count(
          norm.getDataType() == DataType.FLOAT64
              ? (float) norm.toDoubleArray()[0]
              : norm.toFloatArray()[0]);
    }
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

  /** Adds everything that the script's {@code move} takes, but for the norm, to move all. */
  ScriptModule.Call arguments(
      ScriptModule.Call call, Gradients gradients, double rate, double limit) {
    return arguments(call, whole, gradients, rate, limit);
  }

  private ScriptModule.Call arguments(
      ScriptModule.Call call, Share share, Gradients gradients, double rate, double limit) {
    return call.integers(share.own())
        .integers(share.matrices())
        .integers(share.vectors())
        .integers(share.parts())
        .tensors(runtime.parameters().learning())
        .tensors(runtime.parameters().masters())
        .tensors(gradients.sums())
        .tensors(means)
        .tensors(squaresByNative)
        .tensors(steps)
        .real(rate)
        .real(rule.momentum())
        .real(rule.adamW().beta1())
        .real(rule.adamW().beta2())
        .real(rule.adamW().epsilon())
        .real(rule.adamW().weightDecay())
        .real(limit);
  }

  /** Number of steps taken, those before a restore included. */
  public long stepsTaken() {
    return stepsTaken;
  }

  /** Number of numbers kept for the moments: two for each number that AdamW moves, else one. */
  public long stateElements() {
    WeightLayout layout = runtime.parameters().learningLayout();
    return layout.parameters() + layout.subset(adamWed(layout, rule)).parameters();
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
    FusedTensors.of(layout, ElementType.F32, means)
        .byName(ElementType.F32)
        .forEach((name, tensor) -> tensors.put(first(layout.slot(name), rule) + name, tensor));
    FusedTensors.of(layout.subset(adamWed(layout, rule)), ElementType.F32, squares)
        .byName(ElementType.F32)
        .forEach((name, tensor) -> tensors.put(SQUARE + name, tensor));
    SafetensorsWriter.write(file, tensors, Map.of(STEP_KEY, Long.toString(stepsTaken)));
  }

  /** What a tensor's first moment is called in a file: a mean, or a sum. */
  private static String first(WeightLayout.Slot slot, UpdateRule rule) {
    return rule.orthogonalises(slot) ? MOMENTUM : MEAN;
  }

  /**
   * Continues from a saved state.
   *
   * @throws CheckpointException when the file is damaged or belongs to a model of another shape or
   *     to another rule
   */
  public static Optimiser restore(DecoderRuntime runtime, UpdateRule rule, Path file) {
    WeightLayout layout = runtime.parameters().learningLayout();
    TensorScope scope = runtime.module().scope();
    try (Safetensors saved = Safetensors.open(file)) {
      String stated = saved.metadata().getOrDefault(STEP_KEY, "absent");
      if (!stated.matches("\\d{1,15}")) {
        throw new CheckpointException(
            file, "states step \"%s\"; name a file that an optimiser saved".formatted(stated));
      }
      WeightLayout squared = layout.subset(adamWed(layout, rule));
      layout.slots().forEach(slot -> check(saved, first(slot, rule) + slot.name(), slot));
      squared.slots().forEach(slot -> check(saved, SQUARE + slot.name(), slot));
      return new Optimiser(
          runtime,
          rule,
          moments(layout, name -> first(layout.slot(name), rule) + name, saved, scope),
          moments(squared, SQUARE::concat, saved, scope),
          Long.parseLong(stated));
    }
  }

  private static PtNDArray[] moments(
      WeightLayout layout, UnaryOperator<String> stored, Safetensors saved, TensorScope scope) {
    return FusedTensors.load(
            layout,
            (name, reader) -> saved.lend(stored.apply(name), reader),
            ElementType.F32,
            scope)
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
