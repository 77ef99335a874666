package dev.tandem.harness.run;

import dev.tandem.harness.model.Model;

/**
 * What an episode spent on the models of one role.
 *
 * @param usage of all calls together
 */
public record ModelSpending(int calls, Model.Usage usage) {
  static final ModelSpending NONE = new ModelSpending(0, new Model.Usage(0, 0, 0));

  ModelSpending plus(Model.Usage more) {
    return new ModelSpending(
        calls + 1,
        new Model.Usage(
            usage.promptTokens() + more.promptTokens(),
            usage.responseTokens() + more.responseTokens(),
            usage.money() + more.money()));
  }
}
