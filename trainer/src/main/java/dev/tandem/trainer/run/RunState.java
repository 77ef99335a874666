package dev.tandem.trainer.run;

import dev.tandem.aegis.AegisState;
import dev.tandem.trainer.evaluation.SuccessRate;

/**
 * What a run knows between two rounds, besides the weights and the optimiser's moments: with them, all that resuming needs.
 *
 * @param round rounds completed; 0 after the warm start
 * @param aegis the harness and what evolution remembers
 * @param start success on the sealed split before the first round
 * @param episodes rollouts so far, the gate's included
 * @param seconds wall time so far
 */
public record RunState(
    int round,
    AegisState aegis,
    SuccessRate start,
    long episodes,
    int shipped,
    int rejected,
    double seconds) {}
