package dev.tandem.harness.run;

import dev.tandem.harness.Harness;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.ContractBreachException;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.run.EpisodeState.Version;
import dev.tandem.harness.run.HookChains.Interruption;
import dev.tandem.harness.spi.GaveUpException;
import dev.tandem.harness.spi.World;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.SteadyClock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One running episode: its steps in order, what is remembered between them, and how it ends. */
final class EpisodeRun {
  private final EpisodeState state;
  private final Asking asking;
  private final Acting acting;
  private final Swapping swapping;

  private String systemPrompt = "";

  /** Past exchanges, as the model is reminded of them. */
  private List<Message> history = List.of();

  /** What the world and the tools had to say last: the raw form of the newest messages. */
  private List<Message> news = List.of();

  private EpisodeRun(EpisodeState state) {
    this.state = state;
    this.asking = new Asking(state);
    this.acting = new Acting(state);
    this.swapping = new Swapping(state);
  }

  /**
   * @throws HarnessException when the episode cannot begin
   */
  static Episode run(Harness harness, World world, Model model, Budget budget, long seed) {
    Account account =
        new Account(
            budget, harness.services().find(InstantSource.class).orElseGet(SteadyClock::new));
    EpisodeModels models = new EpisodeModels(model, account, seed);
    World guarded = new GuardedWorld(world);
    Version version;
    try {
      version =
          new Version(
              harness,
              new Toolbox(guarded, harness),
              HookChains.begin(harness, models.scoped(harness)));
    } catch (Fault e) {
      Ending unmade = new Ending(e.reason(), e);
      return Episode.neverBegun(unmade.reason(), unmade.detail());
    }
    return new EpisodeRun(new EpisodeState(guarded, budget, account, models, version)).run();
  }

  private record Ending(ExitReason reason, String detail) {
    Ending(ExitReason reason, RuntimeException cause) {
      this(reason, Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getName()));
    }

    /** The first fault is the one to tell. */
    Ending unlessFaulty(Ending later) {
      boolean faulty =
          reason == ExitReason.CONTRACT_BREACH
              || reason == ExitReason.CODE_FAILURE
              || reason.isInfrastructure();
      return faulty ? this : later;
    }
  }

  private Episode run() {
    Ending ending;
    Optional<Fault> atClose = Optional.empty();
    try {
      ending = endTask(play());
    } finally {
      atClose = state.chains().close();
    }
    if (atClose.isPresent()) {
      ending = ending.unlessFaulty(new Ending(atClose.get().reason(), atClose.get()));
    }
    return new Episode(
        state.turns,
        state.steps,
        state.chains().triggers(),
        state.swaps,
        ending.reason(),
        ending.detail(),
        state.account.spending(),
        state.chains().observerFailures());
  }

  private Ending play() {
    try {
      startTask();
      swapAsWished();
      ExitReason over = over();
      while (over == null) {
        runStep();
        state.nextStep();
        over = over();
        if (over == null) {
          swapAsWished();
        }
      }
      return new Ending(over, "");
    } catch (Interruption e) {
      return new Ending(e.reason(), e.detail());
    } catch (Asking.ContextOverflow e) {
      return new Ending(ExitReason.CONTEXT_OVERFLOW, e);
    } catch (ContractBreachException e) {
      return new Ending(ExitReason.CONTRACT_BREACH, e);
    } catch (GaveUpException e) {
      return new Ending(ExitReason.CODE_FAILURE, e);
    } catch (Fault e) {
      return new Ending(e.reason(), e);
    }
  }

  /** Tells the processors how it ended, unless the task never began. */
  private Ending endTask(Ending ending) {
    if (!state.hasBegun()) {
      return ending;
    }
    try {
      state
          .chains()
          .pass(
              new Event.TaskEnd(state.step(), state.current(), ending.reason()),
              Event.TaskEnd.class);
      return ending;
    } catch (Interruption e) {
      // A processor wanted to ask a model and there was no budget left for it.
      return ending;
    } catch (ContractBreachException e) {
      return ending.unlessFaulty(new Ending(ExitReason.CONTRACT_BREACH, e));
    } catch (GaveUpException e) {
      return ending.unlessFaulty(new Ending(ExitReason.CODE_FAILURE, e));
    } catch (Fault e) {
      return ending.unlessFaulty(new Ending(e.reason(), e));
    }
  }

  private @Nullable ExitReason over() {
    return state.world.isFinished() ? ExitReason.FINISHED : state.account.exhausted();
  }

  private void startTask() {
    state.account.start();
    Observation first = state.world.reset();
    state.observe(first);
    news = List.of(Message.user(first.text()));
    makeSystemPrompt();
    state.models.beginStep(0);
  }

  private void makeSystemPrompt() {
    systemPrompt =
        state
            .chains()
            .pass(new Event.TaskStart(state.current(), ""), Event.TaskStart.class)
            .systemPrompt();
  }

  private void swapAsWished() {
    for (HookChains.Wish wish : state.chains().takeWishes()) {
      if (swapping.swap(wish)) {
        makeSystemPrompt();
      }
    }
  }

  private void runStep() {
    int step = state.step();
    state.models.beginStep(step);
    Observation seen = state.current();
    history =
        state
            .chains()
            .pass(new Event.StepStart(step, seen, history), Event.StepStart.class)
            .history();
    Reply reply = asking.ask(seen, messages());
    remember(reply.response());
    news = acting.act(reply);
    state
        .chains()
        .pass(
            new Event.StepEnd(step, state.account.remaining(), state.current()),
            Event.StepEnd.class);
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
}
