package dev.tandem.harness;

import dev.tandem.harness.HookChains.Intercepted;
import dev.tandem.harness.HookChains.Interruption;
import dev.tandem.harness.HookChains.Passage;
import dev.tandem.harness.HookChains.Through;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The state of one running episode. */
final class EpisodeRun {
  /** What the model is told of a call that was disapproved without a word. */
  private static final String NOTHING_HAPPENS = "nothing happens .";

  private final Harness harness;
  private final World world;
  private final Model model;
  private final Budget budget;
  private final long seed;
  private final HookChains chains;

  private final List<Turn> turns = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private int step;
  private long tokens;

  private @Nullable Observation observation;
  private String systemPrompt = "";

  /** Past exchanges, as the model is reminded of them. */
  private List<Message> history = List.of();

  /** What the world had to say last: the raw text of the newest user message. */
  private String news = "";

  EpisodeRun(Harness harness, World world, Model model, Budget budget, long seed) {
    this.harness = harness;
    this.world = world;
    this.model = model;
    this.budget = budget;
    this.seed = seed;
    this.chains = new HookChains(harness);
  }

  private record Ending(ExitReason reason, String detail) {
    Ending(ExitReason reason, RuntimeException cause) {
      this(reason, Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getName()));
    }
  }

  Episode run() {
    Ending ending = endTask(play());
    return new Episode(turns, steps, chains.triggers(), ending.reason(), ending.detail());
  }

  private Ending play() {
    try {
      startTask();
      ExitReason over = over();
      while (over == null) {
        runStep();
        step++;
        over = over();
      }
      return new Ending(over, "");
    } catch (Interruption e) {
      return new Ending(e.reason(), e.detail());
    } catch (ContractBreachException e) {
      return new Ending(ExitReason.CONTRACT_BREACH, e);
    } catch (Model.ModelException e) {
      return new Ending(ExitReason.MODEL_FAILURE, e);
    } catch (World.WorldException e) {
      return new Ending(ExitReason.ENVIRONMENT_FAILURE, e);
    }
  }

  /** Tells the processors how it ended, unless the task never began. */
  private Ending endTask(Ending ending) {
    if (observation == null) {
      return ending;
    }
    try {
      chains.pass(new Event.TaskEnd(step, observation, ending.reason()), Event.TaskEnd.class);
      return ending;
    } catch (ContractBreachException e) {
      return ending.reason() == ExitReason.CONTRACT_BREACH
          ? ending
          : new Ending(ExitReason.CONTRACT_BREACH, e);
    }
  }

  private @Nullable ExitReason over() {
    if (world.isFinished()) {
      return ExitReason.FINISHED;
    } else if (stepsLeft() == 0) {
      return ExitReason.STEP_BUDGET;
    } else if (tokens >= budget.tokens()) {
      return ExitReason.TOKEN_BUDGET;
    }
    return null;
  }

  private int stepsLeft() {
    return budget.steps() - steps.size();
  }

  private void startTask() {
    Observation first = world.reset();
    observation = first;
    news = first.feedback();
    systemPrompt =
        chains.pass(new Event.TaskStart(first, ""), Event.TaskStart.class).systemPrompt();
  }

  private void runStep() {
    Observation seen = current();
    history =
        chains.pass(new Event.StepStart(step, seen, history), Event.StepStart.class).history();
    String response = ask(seen);
    remember(response);
    Event.ToolCall call =
        new Event.ToolCall(step, seen, EpisodeRunner.TOOL, response.strip(), true);
    List<String> results = new ArrayList<>(1);
    for (Passage<Event.ToolCall> passage : chains.sendAll(call, Event.ToolCall.class)) {
      if (stepsLeft() == 0 || world.isFinished()) {
        break;
      }
      results.add(carryOut(passage));
    }
    news = String.join(" ", results);
    chains.pass(new Event.StepEnd(step, current()), Event.StepEnd.class);
  }

  private Observation current() {
    return Objects.requireNonNull(observation, "the task has begun");
  }

  /** Asks the model, again as long as its responses are intercepted and the budget lasts. */
  private String ask(Observation seen) {
    Event.BeforeModel prompt =
        chains.pass(
            new Event.BeforeModel(step, stepsLeft(), seen, messages(), List.of()),
            Event.BeforeModel.class);
    for (int call = 0; ; call++) {
      Model.Completion completion =
          model.complete(
              new Model.Request(
                  prompt.messages(),
                  prompt.choices(),
                  EpisodeRunner.requestSeed(seed, step, call)));
      tokens += completion.tokens().prompt().length + completion.tokens().response().length;
      // Discarded until it is known to lead to an action: the chain may end the episode.
      addTurn(prompt, completion, true);
      Passage<Event.ModelResponse> passage =
          chains.send(
              new Event.ModelResponse(step, seen, completion.text()), Event.ModelResponse.class);
      boolean isLast = call + 1 >= budget.modelCallsPerStep() || tokens >= budget.tokens();
      if (!isLast && passage instanceof Intercepted(_, String note)) {
        prompt = prompt.withLastContent(prompt.lastContent() + "\n" + note);
        continue;
      }
      turns.removeLast();
      addTurn(prompt, completion, false);
      return passage.event().content();
    }
  }

  private void addTurn(Event.BeforeModel prompt, Model.Completion completion, boolean discarded) {
    turns.add(
        new Turn(
            step,
            harness.hash(),
            prompt.messages(),
            completion.text(),
            completion.tokens(),
            discarded));
  }

  private List<Message> messages() {
    List<Message> messages = new ArrayList<>(history.size() + 2);
    if (!systemPrompt.isEmpty()) {
      messages.add(Message.system(systemPrompt));
    }
    messages.addAll(history);
    messages.add(Message.user(news));
    return messages;
  }

  /** Keeps the raw news, not what processors showed the model for this once. */
  private void remember(String response) {
    List<Message> longer = new ArrayList<>(history.size() + 2);
    longer.addAll(history);
    longer.add(Message.user(news));
    longer.add(Message.assistant(response));
    history = longer;
  }

  /** Acts, or does not where a processor says so, and returns what the model is told of it. */
  private String carryOut(Passage<Event.ToolCall> passage) {
    Event.ToolCall call = passage.event();
    String stateHash = world.stateHash();
    Observation before = current();
    Event.ToolResult result =
        switch (passage) {
          case Through<Event.ToolCall> _ when call.approved() -> {
            Observation after = world.act(call.input());
            observation = after;
            yield new Event.ToolResult(step, call, true, after, after.feedback());
          }
          case Through<Event.ToolCall> _ ->
              new Event.ToolResult(step, call, false, before, NOTHING_HAPPENS);
          case Intercepted<Event.ToolCall>(_, String note) ->
              new Event.ToolResult(step, call, false, before, note);
        };
    steps.add(
        new Step(step, before, stateHash, call.input(), result.executed(), result.observation()));
    return chains.pass(result, Event.ToolResult.class).text();
  }
}
