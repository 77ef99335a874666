package dev.tandem.harness.run;

import dev.tandem.harness.event.ContractBreachException;
import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Hook;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.tool.ToolSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a processor may do at each hook. It is checked after every processor and there is no lenient
 * mode: an event that the verifier or the trainer relies on cannot be altered.
 *
 * <p>Fields: see {@link Event}. Outcomes: a tool call alone may be split; a response and a tool
 * call alone may be intercepted; every hook but task_end may interrupt, with a reason that is the
 * agent's own affair.
 */
public final class Contract {
  private static final String FIXED = "must stay as it is";

  private final String processor;
  private final Event before;

  /** Created on the first change, for most processors leave most events alone. */
  private List<String> changed = List.of();

  private Contract(String processor, Event before) {
    this.processor = processor;
    this.before = before;
  }

  /**
   * Checks a transformed event.
   *
   * @param start the event as it entered the chain
   * @param before the event as the processor got it
   * @param after the event as the processor returned it
   * @return the fields that changed
   * @throws ContractBreachException when one of them may not
   */
  static List<String> changes(String processor, Event start, Event before, Event after) {
    Contract contract = new Contract(processor, before);
    contract.check(start, after);
    return contract.changed;
  }

  static void requireSwappable(String processor, Event event) {
    if (event.hook() == Hook.TASK_END) {
      throw new Contract(processor, event).breach("swap", "comes too late");
    }
  }

  static void requireSplittable(String processor, Event event) {
    if (event.hook() != Hook.BEFORE_TOOL) {
      throw new Contract(processor, event).breach("split", "is for tool calls only");
    }
  }

  static void requireInterceptable(String processor, Event event) {
    if (event.hook() != Hook.AFTER_MODEL && event.hook() != Hook.BEFORE_TOOL) {
      throw new Contract(processor, event)
          .breach("intercept", "is for responses and tool calls only");
    }
  }

  static void requireInterruptible(String processor, Event event, ExitReason reason) {
    Contract contract = new Contract(processor, event);
    if (event.hook() == Hook.TASK_END) {
      throw contract.breach("interrupt", "comes too late");
    }
    switch (reason) {
      case INTERRUPTED, STEP_BUDGET, TOKEN_BUDGET, WALL_TIME_BUDGET, MONEY_BUDGET -> {}
      case FINISHED,
          CONTEXT_OVERFLOW,
          MODEL_FAILURE,
          ENVIRONMENT_FAILURE,
          CONTRACT_BREACH,
          CODE_FAILURE,
          PROCESSOR_FAILURE,
          TOOL_FAILURE,
          VERIFIER_FAILURE ->
          throw contract.breach("interrupt", "must not claim the reason " + reason);
    }
  }

  private void check(Event start, Event after) {
    fixed("step", before.step() == after.step());
    switch (before) {
      case Event.TaskStart was -> {
        Event.TaskStart now = same(Event.TaskStart.class, after);
        fixed("observation", was.observation(), now.observation());
        free("systemPrompt", was.systemPrompt(), now.systemPrompt());
      }
      case Event.StepStart was -> {
        Event.StepStart now = same(Event.StepStart.class, after);
        fixed("observation", was.observation(), now.observation());
        free("history", was.history(), now.history());
        checkHistory(was.history(), now.history());
      }
      case Event.BeforeModel was -> {
        Event.BeforeModel now = same(Event.BeforeModel.class, after);
        fixed("observation", was.observation(), now.observation());
        fixed("remaining", was.remaining(), now.remaining());
        checkMessages(
            same(Event.BeforeModel.class, start).messages().size(), was.messages(), now.messages());
        checkChoices(was.choices(), now.choices());
        checkTools(was.tools(), now.tools());
      }
      case Event.ModelResponse was -> {
        Event.ModelResponse now = same(Event.ModelResponse.class, after);
        fixed("observation", was.observation(), now.observation());
        free("content", was.content(), now.content());
        free("toolUses", was.toolUses(), now.toolUses());
        fixed("completion", was.completion(), now.completion());
        fixed("callsLeft", was.callsLeft() == now.callsLeft());
      }
      case Event.ToolCall was -> {
        Event.ToolCall now = same(Event.ToolCall.class, after);
        fixed("observation", was.observation(), now.observation());
        fixed("id", was.id(), now.id());
        fixed("tool", was.tool(), now.tool());
        free("input", was.input(), now.input());
        free("approved", was.approved(), now.approved());
      }
      case Event.ToolResult was -> {
        Event.ToolResult now = same(Event.ToolResult.class, after);
        fixed("call", was.call(), now.call());
        fixed("executed", was.executed() == now.executed());
        fixed("error", was.error() == now.error());
        fixed("observation", was.observation(), now.observation());
        free("text", was.text(), now.text());
      }
      case Event.StepEnd was -> {
        Event.StepEnd now = same(Event.StepEnd.class, after);
        fixed("remaining", was.remaining(), now.remaining());
        fixed("observation", was.observation(), now.observation());
      }
      case Event.TaskEnd was -> {
        Event.TaskEnd now = same(Event.TaskEnd.class, after);
        fixed("observation", was.observation(), now.observation());
        fixed("exitReason", was.exitReason() == now.exitReason());
      }
    }
  }

  /**
   * Every tool result keeps its call before it and every call but the last ones its results; the
   * calls that the coming news answer stay where they are.
   */
  private void checkHistory(List<Message> was, List<Message> now) {
    if (!was.isEmpty()
        && !was.getLast().toolUses().isEmpty()
        && (now.isEmpty() || !now.getLast().equals(was.getLast()))) {
      throw breach("history", "must end with the tool uses whose results are about to come");
    }
    Set<String> open = new HashSet<>();
    for (Message message : now) {
      switch (message.role()) {
        case SYSTEM -> throw breach("history", "must not hold a system message");
        case TOOL -> {
          if (!open.remove(message.toolUseId())) {
            throw breach("history", "must not hold a tool result without its call before it");
          }
        }
        case USER, ASSISTANT -> {
          if (!open.isEmpty()) {
            throw breach("history", "must not hold a tool use without its result behind it");
          }
          message.toolUses().forEach(use -> open.add(use.id()));
        }
      }
    }
  }

  /**
   * All messages but the last stay; the last one may change its text when it is a user's; the chain
   * as a whole may add one user message.
   */
  private void checkMessages(int sizeAtStart, List<Message> was, List<Message> now) {
    if (was.equals(now)) {
      return;
    }
    boolean added = now.size() == was.size() + 1 && was.size() == sizeAtStart;
    if (now.size() != was.size() && !added) {
      throw breach("messages", "may grow by one user message in the whole chain, no more");
    }
    boolean endsWithUser = was.getLast().role() == Message.Role.USER;
    int firstFree = endsWithUser ? was.size() - 1 : was.size();
    for (int i = 0; i < firstFree; i++) {
      fixed("messages", was.get(i), now.get(i));
    }
    for (Message message : now.subList(firstFree, now.size())) {
      if (message.role() != Message.Role.USER) {
        throw breach("messages", "must end with a user message");
      }
    }
    if (endsWithUser) {
      free("content", was.getLast(), now.get(was.size() - 1));
    }
    if (added) {
      note("messages");
    }
  }

  /** Tools may be taken away and described in other words, never added. */
  private void checkTools(List<ToolSpec> was, List<ToolSpec> now) {
    if (was.equals(now)) {
      return;
    }
    Set<String> names = new HashSet<>();
    was.forEach(tool -> names.add(tool.name()));
    for (ToolSpec tool : now) {
      if (!names.remove(tool.name())) {
        throw breach(
            "tools", "may be narrowed only, so '%s' must not come in".formatted(tool.name()));
      }
    }
    note("tools");
  }

  private void checkChoices(List<String> was, List<String> now) {
    if (was.equals(now)) {
      return;
    }
    if (!was.isEmpty() && (now.isEmpty() || !new HashSet<>(was).containsAll(now))) {
      throw breach("choices", "may be narrowed only, once they are set");
    }
    note("choices");
  }

  private <E extends Event> E same(Class<E> type, Event after) {
    if (!type.isInstance(after)) {
      throw breach("event", "must stay a " + type.getSimpleName());
    }
    return type.cast(after);
  }

  /** Equality is cheap: what a processor leaves alone is the same object, which is tried first. */
  private void fixed(String field, Object was, Object now) {
    fixed(field, was.equals(now));
  }

  private void fixed(String field, boolean equal) {
    if (!equal) {
      throw breach(field, FIXED);
    }
  }

  private void free(String field, Object was, Object now) {
    if (!was.equals(now)) {
      note(field);
    }
  }

  private void note(String field) {
    if (changed.isEmpty()) {
      changed = new ArrayList<>(2);
    }
    changed.add(field);
  }

  private ContractBreachException breach(String field, String rule) {
    return new ContractBreachException(processor, before.hook(), field, before.step(), rule);
  }
}
