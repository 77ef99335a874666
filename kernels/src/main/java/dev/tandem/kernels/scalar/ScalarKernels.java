package dev.tandem.kernels.scalar;

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

/** Plain Java. */
public final class ScalarKernels implements KernelProvider {
  @Override
  public String name() {
    return "scalar";
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
      case ClippedPolicyLoss it -> ScalarPolicyLoss.run(it);
      case FusedPolicyLoss it -> ScalarPolicyLoss.fused(it);
      case ImportanceWeights it -> Elements.importanceWeights(it);
      case SampleTokens it -> Sampling.run(it);
      case MaskedWhitening it -> Elements.whiten(it);
      case AdamW it -> Elements.adamW(it);
      case Convert it -> Elements.convert(it);
    }
  }
}
