package dev.tandem.benchmarks.kernels;

import dev.tandem.kernels.KernelBackend;
import dev.tandem.kernels.Kernels;
import dev.tandem.kernels.operation.GroupNormalisation;
import dev.tandem.kernels.operation.NormaliseGroups;
import dev.tandem.kernels.operation.Values;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Who normalises rewards within their groups, all groups of one size. */
public enum AdvantagesBackend {
  SCALAR {
    @Override
    Normaliser normaliser(int groups, int groupSize) {
      return kernels(Kernels.scalar(), groups, groupSize);
    }
  },

  VECTOR_API {
    @Override
    Normaliser normaliser(int groups, int groupSize) {
      return kernels(Kernels.on(KernelBackend.VECTOR_API), groups, groupSize);
    }
  },

  /** For comparison; the way from a Java array to native memory and back is part of its work. */
  ND4J {
    @Override
    Normaliser normaliser(int groups, int groupSize) {
      return rewards -> {
        try (INDArray flat = Nd4j.createFromArray(rewards)) {
          INDArray values = flat.reshape(groups, groupSize);
          try (INDArray means = values.mean(1);
              INDArray deviations = values.std(/* biasCorrected= */ true, 1)) {
            values.subiColumnVector(means);
            values.diviColumnVector(deviations.addi(EPSILON));
          }
          return flat.toDoubleVector();
        }
      };
    }
  };

  private static final double EPSILON = 1e-6;

  /** {@code (reward - mean) / (std + epsilon)} within each group; the array may be used again. */
  @FunctionalInterface
  interface Normaliser {
    double[] normalise(double[] rewards);
  }

  abstract Normaliser normaliser(int groups, int groupSize);

  private static Normaliser kernels(Kernels kernels, int groups, int groupSize) {
    int[] offsets = new int[groups + 1];
    for (int group = 1; group <= groups; group++) {
      offsets[group] = group * groupSize;
    }
    double[] advantages = new double[groups * groupSize];
    double[] rewards = new double[groups * groupSize];
    NormaliseGroups operation =
        new NormaliseGroups(
            Values.of(rewards),
            Values.of(offsets),
            GroupNormalisation.MEAN_STD,
            EPSILON,
            Values.of(advantages),
            Values.of(new long[1]));
    return given -> {
      System.arraycopy(given, 0, rewards, 0, rewards.length);
      kernels.run(operation);
      return advantages;
    };
  }
}
