package dev.tandem.kernels.operation;

import java.util.List;

/**
 * One step of Adam with decoupled weight decay over any number of tensors (arXiv 1711.05101,
 * algorithm 2, with the learning rate in the decay as in common implementations). With {@code g =
 * gradientScale * gradient} and t the step:
 *
 * <pre>
 *   p = p - learningRate weightDecay p                     (where the tensor decays)
 *   m = beta1 m + (1 - beta1) g
 *   v = beta2 v + (1 - beta2) g^2
 *   p = p - learningRate / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 * </pre>
 *
 * <p>F32 tensors are updated in float32, their scalar factors rounded once from float64. A NaN
 * gradient makes its own parameter and moments NaN and no other.
 *
 * @param tensors at least one, all of one type and in one place
 * @param settings what stays the same from step to step
 * @param learningRate finite, at least 0
 * @param gradientScale factor on every gradient, such as that of clipping by norm; finite
 * @param step t, from 1
 */
public record AdamW(
    List<Tensor> tensors, Settings settings, double learningRate, double gradientScale, long step)
    implements Operation {
  /** Checks shapes, types and ranges. */
  public AdamW {
    tensors = List.copyOf(tensors);
    Shapes.require(!tensors.isEmpty(), "AdamW needs at least one tensor, was given none");
    Values first = tensors.getFirst().parameters();
    for (Tensor tensor : tensors) {
      Shapes.input("every tensor", tensor.parameters(), first.type(), tensor.size(), first.place());
    }
    Shapes.require(
        learningRate >= 0 && Double.isFinite(learningRate),
        "learning rate must be finite and at least 0, was %s",
        learningRate);
    Shapes.require(
        Double.isFinite(gradientScale), "gradient scale must be finite, was %s", gradientScale);
    Shapes.require(step >= 1, "step must be at least 1, was %s", step);
  }

  /**
   * A parameter with its gradient and state, all {@code [parameters]} of one type.
   *
   * @param parameters p, read and written
   * @param gradients read only
   * @param firstMoments m, read and written
   * @param secondMoments v, read and written
   * @param decays whether weight decay applies
   */
  public record Tensor(
      Values parameters,
      Values gradients,
      Values firstMoments,
      Values secondMoments,
      boolean decays) {
    /** Checks shapes and types. */
    public Tensor {
      ArrayElement type = parameters.type();
      Place place = parameters.place();
      long size = parameters.size();
      Shapes.precise("parameters", type);
      Shapes.writable("parameters", parameters.segment());
      Shapes.input("gradients", gradients, type, size, place);
      Shapes.output("firstMoments", firstMoments, type, size, place);
      Shapes.output("secondMoments", secondMoments, type, size, place);
      Shapes.apart("parameters", parameters, "gradients", gradients);
      Shapes.apart("parameters", parameters, "firstMoments", firstMoments);
      Shapes.apart("parameters", parameters, "secondMoments", secondMoments);
      Shapes.apart("firstMoments", firstMoments, "secondMoments", secondMoments);
      Shapes.apart("firstMoments", firstMoments, "gradients", gradients);
      Shapes.apart("secondMoments", secondMoments, "gradients", gradients);
    }

    /** The number of parameters. */
    public long size() {
      return parameters.size();
    }
  }

  /**
   * What stays the same from step to step.
   *
   * @param beta1 decay of the first moment, in [0, 1)
   * @param beta2 decay of the second moment, in [0, 1)
   * @param epsilon added to the root of the second moment, at least 0
   * @param weightDecay at least 0
   */
  public record Settings(double beta1, double beta2, double epsilon, double weightDecay) {
    /** Checks the ranges. */
    public Settings {
      Shapes.require(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1), was %s", beta1);
      Shapes.require(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1), was %s", beta2);
      Shapes.epsilon(epsilon);
      Shapes.require(
          weightDecay >= 0 && Double.isFinite(weightDecay),
          "weight decay must be finite and at least 0, was %s",
          weightDecay);
    }
  }

  /** What a decaying parameter is multiplied by before its step. */
  public double decayFactor() {
    return 1 - learningRate * settings.weightDecay();
  }

  /** What the first moment is multiplied by in the step: the corrected learning rate. */
  public double stepSize() {
    return learningRate / (1 - Math.pow(settings.beta1(), (double) step));
  }

  /** What the root of the second moment is divided by. */
  public double rootCorrection() {
    return Math.sqrt(1 - Math.pow(settings.beta2(), (double) step));
  }

  @Override
  public Place place() {
    return tensors.getFirst().parameters().place();
  }
}
