package dev.tandem.kernels.vector;

import static dev.tandem.kernels.vector.Lanes.ORDER;
import static dev.tandem.kernels.vector.Lanes.WIDTH;
import static dev.tandem.kernels.vector.VectorMath.DOUBLES;
import static dev.tandem.kernels.vector.VectorMath.FLOATS;

import dev.tandem.kernels.operation.AdamW;
import dev.tandem.kernels.operation.ArrayElement;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/** {@link AdamW}: F32 in float32 lanes, F64 in float64 ones. */
final class Parameters {
  private Parameters() {}

  static void adamW(AdamW it) {
    double stepSize = it.stepSize();
    double rootCorrection = it.rootCorrection();
    for (int i = 0; i < it.tensors().size(); i++) {
      AdamW.Tensor tensor = it.tensors().get(i);
      double decay = tensor.decays() ? it.decayFactor() : 1;
      if (tensor.parameters().type() == ArrayElement.F32) {
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
    long i = 0;
    for (; i <= size - FLOATS.length(); i += FLOATS.length()) {
      long at = i * Float.BYTES;
      FloatVector gradient =
          FloatVector.fromMemorySegment(FLOATS, gradients, at, ORDER).mul(gradientScale);
      FloatVector first =
          FloatVector.fromMemorySegment(FLOATS, firstMoments, at, ORDER)
              .mul(beta1)
              .add(gradient.mul(rest1));
      FloatVector second =
          FloatVector.fromMemorySegment(FLOATS, secondMoments, at, ORDER)
              .mul(beta2)
              .add(gradient.mul(gradient).mul(rest2));
      FloatVector root = second.sqrt().mul(rootScale).add(epsilon);
      FloatVector.fromMemorySegment(FLOATS, parameters, at, ORDER)
          .mul(decay)
          .sub(first.mul(stepSize).div(root))
          .intoMemorySegment(parameters, at, ORDER);
      first.intoMemorySegment(firstMoments, at, ORDER);
      second.intoMemorySegment(secondMoments, at, ORDER);
    }
    for (; i < size; i++) {
      float gradient = (float) tensor.gradients().get(i) * gradientScale;
      float first = (float) tensor.firstMoments().get(i) * beta1 + gradient * rest1;
      float second = (float) tensor.secondMoments().get(i) * beta2 + gradient * gradient * rest2;
      float root = (float) Math.sqrt(second) * rootScale + epsilon;
      float parameter = (float) tensor.parameters().get(i);
      tensor.parameters().set(i, parameter * decay - first * stepSize / root);
      tensor.firstMoments().set(i, first);
      tensor.secondMoments().set(i, second);
    }
  }

  private static void doubles(
      AdamW it, AdamW.Tensor tensor, double decay, double stepSize, double rootCorrection) {
    AdamW.Settings settings = it.settings();
    Scratch scratch = Scratch.get();
    double[] parameters = scratch.columns[0];
    double[] gradients = scratch.columns[1];
    double[] firstMoments = scratch.columns[2];
    double[] secondMoments = scratch.columns[3];
    for (long from = 0; from < tensor.size(); from += Scratch.TOKENS) {
      int count = (int) Math.min(Scratch.TOKENS, tensor.size() - from);
      Lanes.read(tensor.parameters(), from, count, parameters);
      Lanes.read(tensor.gradients(), from, count, gradients);
      Lanes.read(tensor.firstMoments(), from, count, firstMoments);
      Lanes.read(tensor.secondMoments(), from, count, secondMoments);
      for (int i = 0; i < Lanes.whole(count); i += WIDTH) {
        DoubleVector gradient =
            DoubleVector.fromArray(DOUBLES, gradients, i).mul(it.gradientScale());
        DoubleVector first =
            DoubleVector.fromArray(DOUBLES, firstMoments, i)
                .mul(settings.beta1())
                .add(gradient.mul(1 - settings.beta1()));
        DoubleVector second =
            DoubleVector.fromArray(DOUBLES, secondMoments, i)
                .mul(settings.beta2())
                .add(gradient.mul(gradient).mul(1 - settings.beta2()));
        DoubleVector root = second.sqrt().div(rootCorrection).add(settings.epsilon());
        DoubleVector.fromArray(DOUBLES, parameters, i)
            .mul(decay)
            .sub(first.mul(stepSize).div(root))
            .intoArray(parameters, i);
        first.intoArray(firstMoments, i);
        second.intoArray(secondMoments, i);
      }
      Lanes.write(tensor.parameters(), from, count, parameters);
      Lanes.write(tensor.firstMoments(), from, count, firstMoments);
      Lanes.write(tensor.secondMoments(), from, count, secondMoments);
    }
  }
}
