package dev.tandem.harness.run;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.run.HookChains.Intercepted;
import dev.tandem.harness.run.HookChains.Through;
import dev.tandem.harness.tool.ToolSpec;
import java.util.List;
import java.util.Optional;

/**
 * How the model is asked in a step: again, with the note appended, as long as its responses are
 * intercepted and the budget lasts. Where it does not last, an intercepted response stays without
 * effect, like an intercepted action: the note is what the model is told of it.
 */
final class Asking {
  private final EpisodeState state;

  Asking(EpisodeState state) {
    this.state = state;
  }

  /** The prompt does not fit the model's context. */
  static final class ContextOverflow extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ContextOverflow(int step) {
      super("the prompt of step " + step + " does not fit the model's context");
    }
  }

  Reply ask(Observation seen, List<Message> messages) {
    Event.BeforeModel prompt =
        state
            .chains()
            .pass(
                new Event.BeforeModel(
                    state.step(),
                    state.account.remaining(),
                    seen,
                    messages,
                    List.of(),
                    state.toolbox().offered()),
                Event.BeforeModel.class);
    for (int call = 0; ; call++) {
      Model.Completion completion = named(state.models.ask(prompt, call));
      if (completion.finish() == Model.Finish.CONTEXT_OVERFLOW) {
        throw new ContextOverflow(state.step());
      }
      int left = state.account.affordsModelCall() ? state.budget.modelCallsPerStep() - call - 1 : 0;
      // Discarded until it is known to lead to an action: the chain may end the episode.
      state.turns.add(turn(prompt, completion, true));
      Event.ModelResponse response =
          new Event.ModelResponse(
              state.step(), seen, completion.text(), completion.toolUses(), completion, left);
      switch (state.chains().send(response, Event.ModelResponse.class)) {
        case Through<Event.ModelResponse>(Event.ModelResponse passed) -> {
          state.turns.set(state.turns.size() - 1, turn(prompt, completion, false));
          return reply(passed, prompt, Optional.empty());
        }
        case Intercepted<Event.ModelResponse>(Event.ModelResponse refused, String note) -> {
          // The chain may have asked a model, too.
          if (left == 0 || !state.account.affordsModelCall()) {
            return reply(refused, prompt, Optional.of(note));
          }
          String shown = prompt.lastContent();
          prompt = prompt.withLastContent(shown.isEmpty() ? note : shown + "\n" + note);
        }
      }
    }
  }

  /** The response with a name for each call, those that a processor put in included. */
  private Reply reply(
      Event.ModelResponse response, Event.BeforeModel prompt, Optional<String> refusal) {
    return new Reply(
        response.withToolUses(CallIds.complete(response.toolUses(), state.step())),
        prompt.tools().stream().map(ToolSpec::name).toList(),
        refusal);
  }

  private Model.Completion named(Model.Completion completion) {
    return completion.toolUses().isEmpty()
        ? completion
        : new Model.Completion(
            completion.text(),
            CallIds.complete(completion.toolUses(), state.step()),
            completion.tokens(),
            completion.usage(),
            completion.finish());
  }

  private Turn turn(Event.BeforeModel prompt, Model.Completion completion, boolean discarded) {
    return new Turn(
        state.step(),
        state.harness().hash(),
        prompt.messages(),
        completion.text(),
        completion.toolUses(),
        completion.tokens(),
        discarded);
  }
}
