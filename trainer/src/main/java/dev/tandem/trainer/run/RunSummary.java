package dev.tandem.trainer.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tandem.aegis.Verdict;
import dev.tandem.trainer.recipe.Mode;
import org.jspecify.annotations.Nullable;

/**
 * What a run came to: the object that {@code train --json} prints.
 *
 * @param mode a {@link Mode#id()}
 * @param wallSeconds over all of a resumed run's parts
 * @param peakRssMb most resident memory of the process that finished the run; absent where the
 *     system does not tell
 * @param weightsSha256 over the tensors' bytes in order of their names; of a provider, whose
 *     weights nobody has, over its name, parameters and code
 * @param harnessSha256 content hash of the harness it ended with
 * @param ledgerSha256 hash of the ledger's last entry
 * @param shipped edits with the verdict {@link Verdict#SHIPPED}
 * @param rejected edits with the verdict {@link Verdict#REJECTED}
 * @param reverted those of the shipped ones that were taken back
 * @param episodes rollouts for training and for the gate
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunSummary(
    String mode,
    long seed,
    int rounds,
    double wallSeconds,
    @Nullable Long peakRssMb,
    Point start,
    Point end,
    String weightsSha256,
    String harnessSha256,
    String ledgerSha256,
    int shipped,
    int rejected,
    int reverted,
    long episodes) {

  /** Success on the split that nothing selects on. */
  public record Point(SuccessRate sealed) {}
}
