package dev.tandem.kernels.vector;

import dev.tandem.kernels.operation.AdamW;
import dev.tandem.kernels.operation.ClippedPolicyLoss;
import dev.tandem.kernels.operation.Convert;
import dev.tandem.kernels.operation.FusedPolicyLoss;
import dev.tandem.kernels.operation.ImportanceWeights;
import dev.tandem.kernels.operation.KernelProvider;
import dev.tandem.kernels.operation.MaskedWhitening;
import dev.tandem.kernels.operation.NormaliseGroups;
import dev.tandem.kernels.operation.Operation;
import dev.tandem.kernels.operation.Place;
import dev.tandem.kernels.operation.SampleTokens;
import dev.tandem.kernels.operation.SelectedLogProbs;
import dev.tandem.kernels.operation.SelectedLogProbsBackward;
import jdk.incubator.vector.DoubleVector;

/** SIMD lanes of the width this processor prefers, on the calling thread. */
public final class VectorKernels implements KernelProvider {
  /** Lanes of the preferred float64 vector. */
  public static int doubleLanes() {
    return DoubleVector.SPECIES_PREFERRED.length();
  }

  @Override
  public String name() {
    return "vector-api float64x" + doubleLanes();
  }

  @Override
  public boolean serves(Place place) {
    return place == Place.HOST;
  }

  @Override
  public void run(Operation operation) {
    switch (operation) {
      case NormaliseGroups it -> Groups.normalise(it);
      case SelectedLogProbs it -> LogProbs.forward(it);
      case SelectedLogProbsBackward it -> LogProbs.backward(it);
      case ClippedPolicyLoss it -> VectorPolicyLoss.run(it);
      case FusedPolicyLoss it -> VectorPolicyLoss.fused(it);
      case ImportanceWeights it -> VectorPolicyLoss.importanceWeights(it);
      case SampleTokens it -> Sampling.run(it);
      case MaskedWhitening it -> Groups.whiten(it);
      case AdamW it -> Parameters.adamW(it);
      case Convert it -> Conversion.run(it);
    }
  }
}
