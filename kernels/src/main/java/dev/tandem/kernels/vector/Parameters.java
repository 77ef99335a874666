package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.Lanes.ORDER;
import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.FLOATS;

import dev.tandem.kernels.operation.AdamW;
import dev.tandem.kernels.operation.ElementType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** {@link AdamW}: F32 in float32 lanes, F64 in float64 ones. */
final class Parameters {
  private Parameters() {}

  static void adamW(AdamW it) {
    double stepSize = it.stepSize();
    double rootCorrection = it.rootCorrection();
    for (int i = 0; i < it.tensors().size(); i++) {
      AdamW.Tensor tensor = it.tensors().get(i);
      double decay = tensor.decays() ? it.decayFactor() : 1;
      if (tensor.parameters().type() == ElementType.F32) {
        floats(it, tensor, (float) decay, (float) stepSize, (float) (1 / rootCorrection));
      } else {
        doubles(it, tensor, decay, stepSize, rootCorrection);
      }
    }
  }

  private static void floats(
      AdamW it, AdamW.Tensor tensor, float decay, float stepSize, float rootScale) {
    MemorySegment parameters = tensor.parameters().segment();
    MemorySegment gradients = tensor.gradients().segment();
    MemorySegment firstMoments = tensor.firstMoments().segment();
    MemorySegment secondMoments = tensor.secondMoments().segment();
    float beta1 = (float) it.settings().beta1();
    float beta2 = (float) it.settings().beta2();
    float rest1 = (float) (1 - it.settings().beta1());
    float rest2 = (float) (1 - it.settings().beta2());
    float epsilon = (float) it.settings().epsilon();
    float gradientScale = (float) it.gradientScale();
    long size = tensor.size();
    for (long i = 0; i < size; i += FLOATS.length()) {
      long at = i * Float.BYTES;
      VectorMask<Float> in = FLOATS.indexInRange(i, size);
      FloatVector gradient =
          FloatVector.fromMemorySegment(FLOATS, gradients, at, ORDER, in).mul(gradientScale);
      FloatVector first =
          FloatVector.fromMemorySegment(FLOATS, firstMoments, at, ORDER, in)
              .mul(beta1)
              .add(gradient.mul(rest1));
      FloatVector second =
          FloatVector.fromMemorySegment(FLOATS, secondMoments, at, ORDER, in)
              .mul(beta2)
              .add(gradient.mul(gradient).mul(rest2));
      FloatVector root = second.sqrt().mul(rootScale).add(epsilon);
      FloatVector.fromMemorySegment(FLOATS, parameters, at, ORDER, in)
          .mul(decay)
          .sub(first.mul(stepSize).div(root))
          .intoMemorySegment(parameters, at, ORDER, in);
      first.intoMemorySegment(firstMoments, at, ORDER, in);
      second.intoMemorySegment(secondMoments, at, ORDER, in);
    }
  }

  private static void doubles(
      AdamW it, AdamW.Tensor tensor, double decay, double stepSize, double rootCorrection) {
    AdamW.Settings settings = it.settings();
    for (long i = 0; i < tensor.size(); i += WIDTH) {
      VectorMask<Double> in = Lanes.before(tensor.size(), i);
      DoubleVector gradient = Lanes.load(tensor.gradients(), i, in).mul(it.gradientScale());
      DoubleVector first =
          Lanes.load(tensor.firstMoments(), i, in)
              .mul(settings.beta1())
              .add(gradient.mul(1 - settings.beta1()));
      DoubleVector second =
          Lanes.load(tensor.secondMoments(), i, in)
              .mul(settings.beta2())
              .add(gradient.mul(gradient).mul(1 - settings.beta2()));
      DoubleVector root = second.sqrt().div(rootCorrection).add(settings.epsilon());
      DoubleVector parameter =
          Lanes.load(tensor.parameters(), i, in).mul(decay).sub(first.mul(stepSize).div(root));
      Lanes.store(tensor.parameters(), i, parameter, in);
      Lanes.store(tensor.firstMoments(), i, first, in);
      Lanes.store(tensor.secondMoments(), i, second, in);
    }
  }
}
