package dev.tandem.harness;

import java.util.ArrayList;
import java.util.List;

/**
 * What flows through the processors of a hook. An event is a value: a processor that changes it
 * returns another one, and {@link Contract} says which fields it may change.
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
   * whole chain; {@code choices} may be set or narrowed.
   *
   * @param messages what the model is about to see; the last one is a user message
   * @param stepsLeft environment actions left in the budget, this one included
   * @param choices if not empty, the response must be one of these texts
   */
  record BeforeModel(
      int step,
      int stepsLeft,
      Observation observation,
      List<Message> messages,
      List<String> choices)
      implements Event {
    public BeforeModel {
      messages = List.copyOf(messages);
      choices = List.copyOf(choices);
    }

    @Override
    public Hook hook() {
      return Hook.BEFORE_MODEL;
    }

    /** The same event with another text in its last message. */
    public BeforeModel withLastContent(String content) {
      List<Message> changed = new ArrayList<>(messages);
      changed.set(changed.size() - 1, Message.user(content));
      return new BeforeModel(step, stepsLeft, observation, changed, choices);
    }

    /** The text of the last message. */
    public String lastContent() {
      return messages.getLast().content();
    }
  }

  /**
   * Changeable: {@code content}. Intercepting it discards the response: the model is asked again
   * with the interception's note appended, while the step's model-call budget lasts.
   *
   * @param observation what the model was responding to
   */
  record ModelResponse(int step, Observation observation, String content) implements Event {
    @Override
    public Hook hook() {
      return Hook.AFTER_MODEL;
    }
  }

  /**
   * Changeable: {@code input}, {@code approved}. Intercepting it means that the action does not
   * happen.
   */
  record ToolCall(int step, Observation observation, String tool, String input, boolean approved)
      implements Event {
    @Override
    public Hook hook() {
      return Hook.BEFORE_TOOL;
    }
  }

  /**
   * Changeable: {@code text}, what the model is told about the result. The observation is the
   * environment's and stays.
   *
   * @param executed whether the environment carried the call out
   * @param observation the state after the call
   */
  record ToolResult(int step, ToolCall call, boolean executed, Observation observation, String text)
      implements Event {
    @Override
    public Hook hook() {
      return Hook.AFTER_TOOL;
    }
  }

  /** Read-only. */
  record StepEnd(int step, Observation observation) implements Event {
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
