package dev.tandem.harness.run;

import dev.tandem.harness.Harness;
import dev.tandem.harness.HarnessVersions;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.ContractBreachException;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.event.SwapRequest;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.run.HookChains.Intercepted;
import dev.tandem.harness.run.HookChains.Interruption;
import dev.tandem.harness.run.HookChains.Passage;
import dev.tandem.harness.run.HookChains.ProcessorFailure;
import dev.tandem.harness.run.HookChains.Through;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.tool.ToolOutput;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.HarnessException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The state of one running episode. */
final class EpisodeRun {
  /** What the model is told of a call that was disapproved without a word. */
  private static final String NOTHING_HAPPENS = "nothing happens .";

  private final World world;
  private final Model model;
  private final Budget budget;
  private final long seed;
  private final Account account;

  private Harness harness;
  private Toolbox toolbox;
  private HookChains chains;

  private final List<Turn> turns = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Swap> swaps = new ArrayList<>();
  private int step;

  private @Nullable Observation observation;
  private String systemPrompt = "";

  /** Past exchanges, as the model is reminded of them. */
  private List<Message> history = List.of();

  /** What the world and the tools had to say last: the raw form of the newest messages. */
  private List<Message> news = List.of();

  EpisodeRun(Harness harness, World world, Model model, Budget budget, long seed) {
    this.harness = harness;
    this.world = world;
    this.model = model;
    this.budget = budget;
    this.seed = seed;
    this.account =
        new Account(
            budget, harness.services().find(InstantSource.class).orElseGet(InstantSource::system));
    this.toolbox = new Toolbox(world, harness);
    this.chains = new HookChains(harness);
  }

  private record Ending(ExitReason reason, String detail) {
    Ending(ExitReason reason, RuntimeException cause) {
      this(reason, Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getName()));
    }
  }

  private static final class ContextOverflow extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ContextOverflow(int step) {
      super("the prompt of step " + step + " does not fit the model's context");
    }
  }

  Episode run() {
    try {
      Ending ending = endTask(play());
      return new Episode(turns, steps, chains.triggers(), swaps, ending.reason(), ending.detail());
    } finally {
      chains.close();
    }
  }

  private Ending play() {
    try {
      startTask();
      chains.takeWishes().forEach(this::swap);
      ExitReason over = over();
      while (over == null) {
        runStep();
        step++;
        over = over();
        if (over == null) {
          chains.takeWishes().forEach(this::swap);
        }
      }
      return new Ending(over, "");
    } catch (Interruption e) {
      return new Ending(e.reason(), e.detail());
    } catch (ContextOverflow e) {
      return new Ending(ExitReason.CONTEXT_OVERFLOW, e);
    } catch (ContractBreachException e) {
      return new Ending(ExitReason.CONTRACT_BREACH, e);
    } catch (ProcessorFailure e) {
      return new Ending(ExitReason.PROCESSOR_FAILURE, e);
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
      return spoiled(ending, new Ending(ExitReason.CONTRACT_BREACH, e));
    } catch (ProcessorFailure e) {
      return spoiled(ending, new Ending(ExitReason.PROCESSOR_FAILURE, e));
    }
  }

  /** The first fault is the one to tell. */
  private static Ending spoiled(Ending ending, Ending atTaskEnd) {
    boolean faulty =
        ending.reason() == ExitReason.CONTRACT_BREACH
            || ending.reason() == ExitReason.PROCESSOR_FAILURE;
    return faulty ? ending : atTaskEnd;
  }

  private @Nullable ExitReason over() {
    return world.isFinished() ? ExitReason.FINISHED : account.exhausted();
  }

  private void startTask() {
    account.start();
    Observation first = world.reset();
    observation = first;
    news = List.of(Message.user(first.feedback()));
    makeSystemPrompt();
  }

  private void makeSystemPrompt() {
    systemPrompt =
        chains.pass(new Event.TaskStart(current(), ""), Event.TaskStart.class).systemPrompt();
  }

  private void runStep() {
    Observation seen = current();
    history =
        chains.pass(new Event.StepStart(step, seen, history), Event.StepStart.class).history();
    Reply reply = ask(seen);
    remember(reply.response());
    news = act(reply);
    chains.pass(new Event.StepEnd(step, account.remaining(), current()), Event.StepEnd.class);
  }

  private Observation current() {
    return Objects.requireNonNull(observation, "the task has begun");
  }

  /**
   * What the model decided.
   *
   * @param open names of the tools it was offered
   */
  private record Reply(Event.ModelResponse response, List<String> open) {}

  /** Asks the model, again as long as its responses are intercepted and the budget lasts. */
  private Reply ask(Observation seen) {
    Event.BeforeModel prompt =
        chains.pass(
            new Event.BeforeModel(
                step, account.remaining(), seen, messages(), List.of(), toolbox.offered()),
            Event.BeforeModel.class);
    for (int call = 0; ; call++) {
      Model.Completion completion =
          model.complete(
              new Model.Request(
                  prompt.messages(),
                  prompt.choices(),
                  prompt.tools(),
                  EpisodeRunner.requestSeed(seed, step, call)));
      if (completion.finish() == Model.Finish.CONTEXT_OVERFLOW) {
        throw new ContextOverflow(step);
      }
      account.spend(completion.usage());
      // Discarded until it is known to lead to an action: the chain may end the episode.
      addTurn(prompt, completion, true);
      Passage<Event.ModelResponse> passage =
          chains.send(
              new Event.ModelResponse(
                  step, seen, completion.text(), completion.toolUses(), completion),
              Event.ModelResponse.class);
      boolean isLast = call + 1 >= budget.modelCallsPerStep() || !account.affordsModelCall();
      if (!isLast && passage instanceof Intercepted(_, String note)) {
        String shown = prompt.lastContent();
        prompt = prompt.withLastContent(shown.isEmpty() ? note : shown + "\n" + note);
        continue;
      }
      turns.removeLast();
      addTurn(prompt, completion, false);
      return new Reply(passage.event(), prompt.tools().stream().map(ToolSpec::name).toList());
    }
  }

  private void addTurn(Event.BeforeModel prompt, Model.Completion completion, boolean discarded) {
    turns.add(
        new Turn(
            step,
            harness.hash(),
            prompt.messages(),
            completion.text(),
            completion.toolUses(),
            completion.tokens(),
            discarded));
  }

  private List<Message> messages() {
    List<Message> messages = new ArrayList<>(history.size() + 2);
    if (!systemPrompt.isEmpty()) {
      messages.add(Message.system(systemPrompt));
    }
    messages.addAll(history);
    messages.addAll(news);
    return messages;
  }

  /** Keeps the raw news, not what processors showed the model for this once. */
  private void remember(Event.ModelResponse response) {
    List<Message> longer = new ArrayList<>(history.size() + news.size() + 1);
    longer.addAll(history);
    longer.addAll(news);
    longer.add(Message.assistant(response.content(), response.toolUses()));
    history = longer;
  }

  /** Does what the model decided and returns what it is told of it, one message for each use. */
  private List<Message> act(Reply reply) {
    Event.ModelResponse response = reply.response();
    if (response.toolUses().isEmpty()) {
      ToolUse command = new ToolUse("", ToolUse.COMMAND, response.content().strip());
      return List.of(Message.user(act(command, reply)));
    }
    List<Message> results = new ArrayList<>(response.toolUses().size());
    for (ToolUse use : response.toolUses()) {
      results.add(Message.tool(use.id(), act(use, reply)));
    }
    return results;
  }

  private String act(ToolUse use, Reply reply) {
    Event.ToolCall call =
        new Event.ToolCall(step, current(), use.id(), use.tool(), use.input(), true);
    if (isOver()) {
      return "";
    }
    List<String> results = new ArrayList<>(1);
    for (Passage<Event.ToolCall> passage : chains.sendAll(call, Event.ToolCall.class)) {
      if (isOver()) {
        break;
      }
      results.add(carryOut(passage, reply));
    }
    return String.join(" ", results);
  }

  /** Whether the steps are used up or the task is done, so that no further action happens. */
  private boolean isOver() {
    return account.stepsLeft() <= 0 || world.isFinished();
  }

  /** Acts, or does not where a processor says so, and returns what the model is told of it. */
  private String carryOut(Passage<Event.ToolCall> passage, Reply reply) {
    Event.ToolCall call = passage.event();
    String stateHash = world.stateHash();
    Observation before = current();
    Event.ToolResult result =
        switch (passage) {
          case Through<Event.ToolCall> _ when call.approved() -> execute(call, reply);
          case Through<Event.ToolCall> _ ->
              new Event.ToolResult(step, call, false, before, NOTHING_HAPPENS);
          case Intercepted<Event.ToolCall>(_, String note) ->
              new Event.ToolResult(step, call, false, before, note);
        };
    account.spendStep();
    steps.add(
        new Step(
            step,
            before,
            stateHash,
            call.tool(),
            call.input(),
            result.executed(),
            result.observation()));
    return chains.pass(result, Event.ToolResult.class).text();
  }

  private Event.ToolResult execute(Event.ToolCall call, Reply reply) {
    Toolbox.Result result =
        reply.response().toolUses().isEmpty()
            ? new Toolbox.Result.ByWorld(world.act(call.input()))
            : toolbox.run(new ToolUse(call.id(), call.tool(), call.input()), reply.open());
    return switch (result) {
      case Toolbox.Result.ByWorld(Observation after) -> {
        observation = after;
        yield new Event.ToolResult(step, call, true, after, after.feedback());
      }
      case Toolbox.Result.ByTool(ToolOutput output) ->
          new Event.ToolResult(step, call, true, output.error(), current(), output.text());
      case Toolbox.Result.Refused(String why) ->
          new Event.ToolResult(step, call, false, true, current(), why);
    };
  }

  /** Goes on under another harness version, or records why not; {@link Swap} has the rules. */
  private void swap(HookChains.Wish wish) {
    String from = harness.hash();
    String refusal = "";
    try {
      if (swaps.stream().filter(Swap::happened).count() >= budget.swaps()) {
        throw new HarnessException(
            "the episode has used up its %d swaps".formatted(budget.swaps()));
      }
      Harness next = target(wish.request().target());
      if (next.hash().equals(from)) {
        throw new HarnessException("the episode runs under this version already");
      }
      goOnUnder(next);
    } catch (HarnessException e) {
      refusal = String.join("; ", e.problems());
    }
    swaps.add(
        new Swap(
            step - 1,
            wish.processor(),
            wish.request().target().describe(),
            wish.request().reason(),
            from,
            harness.hash(),
            refusal));
  }

  private Harness target(SwapRequest.Target target) {
    return switch (target) {
      case SwapRequest.Target.Edited(HarnessEdit edit) -> harness.edited(edit);
      case SwapRequest.Target.Version(String name) ->
          harness
              .services()
              .find(HarnessVersions.class)
              .flatMap(versions -> versions.find(name))
              .orElseThrow(
                  () -> new HarnessException("no harness version '%s' is known".formatted(name)));
    };
  }

  private void goOnUnder(Harness next) {
    Toolbox nextToolbox = new Toolbox(world, next);
    HookChains nextChains = chains.continuedAs(next);
    boolean begins = !next.chainJson(Hook.TASK_START).equals(harness.chainJson(Hook.TASK_START));
    chains.closeAllBut(nextChains);
    harness = next;
    toolbox = nextToolbox;
    chains = nextChains;
    if (begins) {
      makeSystemPrompt();
    }
  }
}
