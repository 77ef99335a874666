package dev.tandem.harness.run;

import dev.tandem.harness.Harness;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.model.Models;
import dev.tandem.harness.spi.Services;
import java.util.EnumMap;
import java.util.Map;

/**
 * The models of one episode: every call, the processors' too, is on the episode's account and draws
 * from a random stream of its own place in the episode.
 */
final class EpisodeModels {
  private final Model main;
  private final Account account;
  private final long seed;

  /** Calls of processors in the present step, by role. */
  private final Map<ModelRole, Integer> calls = new EnumMap<>(ModelRole.class);

  /** -1 at task start. */
  private int step = -1;

  EpisodeModels(Model main, Account account, long seed) {
    this.main = main;
    this.account = account;
    this.seed = seed;
  }

  void beginStep(int number) {
    step = number;
    calls.clear();
  }

  /**
   * Asks the model that acts.
   *
   * @param call within the step, from 0
   */
  Model.Completion ask(Event.BeforeModel prompt, int call) {
    return complete(
        ModelRole.MAIN,
        main,
        new Model.Request(
            prompt.messages(),
            prompt.choices(),
            prompt.tools(),
            EpisodeRunner.requestSeed(seed, step, call)));
  }

  /** A harness's services, its models those of this episode. */
  Services scoped(Harness harness) {
    return harness
        .services()
        .find(Models.class)
        .map(models -> harness.services().with(Models.class, models.behind(this::asked)))
        .orElse(harness.services());
  }

  private Model asked(ModelRole role, Model model) {
    return request -> {
      if (!account.affordsModelCall()) {
        throw new HookChains.Interruption(
            account.unaffordable(), "no budget was left to ask the model '" + role.id() + "'");
      }
      int call = calls.merge(role, 1, Integer::sum) - 1;
      return complete(
          role,
          model,
          new Model.Request(
              request.messages(),
              request.choices(),
              request.tools(),
              request.schema(),
              EpisodeRunner.requestSeed(seed, role, step, call)));
    };
  }

  private Model.Completion complete(ModelRole role, Model model, Model.Request request) {
    Model.Completion completion =
        Fault.guard(ExitReason.MODEL_FAILURE, "", () -> model.complete(request));
    account.spend(role, completion.usage());
    return completion;
  }
}
