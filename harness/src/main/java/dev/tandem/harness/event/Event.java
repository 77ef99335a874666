package dev.tandem.harness.event;

import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import java.util.ArrayList;
import java.util.List;

/**
 * What flows through the processors of a hook. An event is a value: a processor that changes it
 * returns another one, and {@code Contract} says which fields it may change.
 */
public sealed interface Event {
  /** The hook at which this event arises. */
  Hook hook();

  /** Step of the episode, from 0; -1 at task start. */
  int step();

  /** Changeable: {@code systemPrompt}. */
  record TaskStart(Observation observation, String systemPrompt) implements Event {
    @Override
    public Hook hook() {
      return Hook.TASK_START;
    }

    @Override
    public int step() {
      return -1;
    }
  }

  /**
   * Changeable: {@code history}, structurally (messages may be dropped or merged). The system
   * prompt is not part of it.
   */
  record StepStart(int step, Observation observation, List<Message> history) implements Event {
    public StepStart {
      history = List.copyOf(history);
    }

    @Override
    public Hook hook() {
      return Hook.STEP_START;
    }
  }

  /**
   * Changeable: the content of the last user message; one more user message may be appended by the
   * whole chain; {@code choices} may be set or narrowed; {@code tools} may be narrowed, and how
   * they are described may be changed.
   *
   * @param remaining what is left of the budget, the coming action included
   * @param messages what the model is about to see; the last one is a user's or a tool's
   * @param choices if not empty, the response must be one of these texts
   * @param tools what the model may use
   */
  record BeforeModel(
      int step,
      Remaining remaining,
      Observation observation,
      List<Message> messages,
      List<String> choices,
      List<ToolSpec> tools)
      implements Event {
    public BeforeModel {
      messages = List.copyOf(messages);
      choices = List.copyOf(choices);
      tools = List.copyOf(tools);
    }

    /** Without tools and with no other limit than that of the steps. */
    public BeforeModel(
        int step,
        int stepsLeft,
        Observation observation,
        List<Message> messages,
        List<String> choices) {
      this(step, Remaining.ofSteps(stepsLeft), observation, messages, choices, List.of());
    }

    @Override
    public Hook hook() {
      return Hook.BEFORE_MODEL;
    }

    /** Environment actions left in the budget, this one included. */
    public int stepsLeft() {
      return remaining.steps();
    }

    /** The same event with other messages. */
    public BeforeModel withMessages(List<Message> changed) {
      return new BeforeModel(step, remaining, observation, changed, choices, tools);
    }

    /** The same event with other choices. */
    public BeforeModel withChoices(List<String> changed) {
      return new BeforeModel(step, remaining, observation, messages, changed, tools);
    }

    /** The same event with other tools. */
    public BeforeModel withTools(List<ToolSpec> changed) {
      return new BeforeModel(step, remaining, observation, messages, choices, changed);
    }

    /**
     * The same event with another text in its last message; after a tool's message, which nobody
     * may alter, a user's message is appended.
     */
    public BeforeModel withLastContent(String content) {
      List<Message> changed = new ArrayList<>(messages);
      if (endsWithUser()) {
        changed.removeLast();
      }
      changed.add(Message.user(content));
      return withMessages(changed);
    }

    /** The text of the last message; empty when it is a tool's. */
    public String lastContent() {
      return endsWithUser() ? messages.getLast().content() : "";
    }

    private boolean endsWithUser() {
      return messages.getLast().role() == Message.Role.USER;
    }
  }

  /**
   * Changeable: {@code content}, {@code toolUses}. Intercepting it discards the response: the model
   * is asked again with the interception's note appended. Where it may not be asked again in this
   * step, nothing is done, and the note is what the model is told of its action.
   *
   * @param observation what the model was responding to
   * @param toolUses what the model wants to use; when empty, the content is a command
   * @param completion what the model answered, as it came, with its tokens and their cost
   * @param callsLeft how often the model may still be asked in this step; a processor that would
   *     rather have a doubtful action than none passes the response at 0
   */
  record ModelResponse(
      int step,
      Observation observation,
      String content,
      List<ToolUse> toolUses,
      Model.Completion completion,
      int callsLeft)
      implements Event {
    private static final Model.Completion UNKNOWN = new Model.Completion("", TokenTrace.NONE);

    public ModelResponse {
      toolUses = List.copyOf(toolUses);
    }

    /** A response whose tokens are not known, one of any number. */
    public ModelResponse(
        int step, Observation observation, String content, List<ToolUse> toolUses) {
      this(step, observation, content, toolUses, UNKNOWN, Integer.MAX_VALUE);
    }

    /** A response that uses no tools. */
    public ModelResponse(int step, Observation observation, String content) {
      this(step, observation, content, List.of());
    }

    @Override
    public Hook hook() {
      return Hook.AFTER_MODEL;
    }

    /** The same event with another content. */
    public ModelResponse withContent(String changed) {
      return new ModelResponse(step, observation, changed, toolUses, completion, callsLeft);
    }

    /** The same event with other tool uses. */
    public ModelResponse withToolUses(List<ToolUse> changed) {
      return new ModelResponse(step, observation, content, changed, completion, callsLeft);
    }
  }

  /**
   * Changeable: {@code input}, {@code approved}. Intercepting it means that the action does not
   * happen.
   *
   * @param id the model's name for this call; empty for a command
   * @param tool what is called, {@link ToolUse#COMMAND} for a command
   * @param input a command, or a JSON object as text
   */
  record ToolCall(
      int step, Observation observation, String id, String tool, String input, boolean approved)
      implements Event {
    /** A call without an id. */
    public ToolCall(
        int step, Observation observation, String tool, String input, boolean approved) {
      this(step, observation, "", tool, input, approved);
    }

    @Override
    public Hook hook() {
      return Hook.BEFORE_TOOL;
    }

    /** The same call with another input. */
    public ToolCall withInput(String changed) {
      return new ToolCall(step, observation, id, tool, changed, approved);
    }

    /** The same call, approved or not. */
    public ToolCall withApproved(boolean changed) {
      return new ToolCall(step, observation, id, tool, input, changed);
    }
  }

  /**
   * Changeable: {@code text}, what the model is told about the result. The observation is the
   * environment's and stays.
   *
   * @param executed whether the call was carried out
   * @param error whether the tool failed, or the call was not valid; a command never errs
   * @param observation the state after the call
   */
  record ToolResult(
      int step,
      ToolCall call,
      boolean executed,
      boolean error,
      Observation observation,
      String text)
      implements Event {
    /** A result without error. */
    public ToolResult(
        int step, ToolCall call, boolean executed, Observation observation, String text) {
      this(step, call, executed, false, observation, text);
    }

    @Override
    public Hook hook() {
      return Hook.AFTER_TOOL;
    }

    /** The same result in other words. */
    public ToolResult withText(String changed) {
      return new ToolResult(step, call, executed, error, observation, changed);
    }
  }

  /**
   * Read-only.
   *
   * @param remaining what is left of the budget
   */
  record StepEnd(int step, Remaining remaining, Observation observation) implements Event {
    /** With no limit in sight. */
    public StepEnd(int step, Observation observation) {
      this(step, Remaining.ofSteps(Integer.MAX_VALUE), observation);
    }

    @Override
    public Hook hook() {
      return Hook.STEP_END;
    }
  }

  /** Read-only. */
  record TaskEnd(int step, Observation observation, ExitReason exitReason) implements Event {
    @Override
    public Hook hook() {
      return Hook.TASK_END;
    }
  }
}
