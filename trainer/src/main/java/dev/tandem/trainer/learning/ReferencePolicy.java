package dev.tandem.trainer.learning;

import dev.tandem.trainer.model.runtime.TrainRecord;
import java.util.List;

/** The policy that training is held to: the initial checkpoint, fixed. */
@FunctionalInterface
public interface ReferencePolicy {

  /** The response tokens' log-probabilities, [tokens] in the order of the records. */
  float[] logProbs(List<TrainRecord> records);
}
