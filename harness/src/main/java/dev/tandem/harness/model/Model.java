package dev.tandem.harness.model;

import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import java.util.List;
import java.util.Optional;

/** The model as the run loop sees it. */
@FunctionalInterface
public interface Model {
  /**
   * Asks for one response.
   *
   * @throws ModelException when the model cannot be reached or fails: an infrastructure failure
   */
  Completion complete(Request request);

  /**
   * @param choices if not empty, the response must be one of these texts
   * @param tools what the model may use; empty where it only speaks
   * @param schema JSON schema of the response, for a provider that can hold its model to it; empty
   *     for free text. Whoever asks checks the response all the same
   * @param seed of the request's own random stream
   */
  record Request(
      List<Message> messages,
      List<String> choices,
      List<ToolSpec> tools,
      Optional<String> schema,
      long seed) {
    public Request {
      messages = List.copyOf(messages);
      choices = List.copyOf(choices);
      tools = List.copyOf(tools);
    }

    /** A request for free text. */
    public Request(List<Message> messages, List<String> choices, List<ToolSpec> tools, long seed) {
      this(messages, choices, tools, Optional.empty(), seed);
    }

    /** A request without tools. */
    public Request(List<Message> messages, List<String> choices, long seed) {
      this(messages, choices, List.of(), seed);
    }
  }

  /**
   * A response.
   *
   * @param text what the model says
   * @param toolUses tools it wants to use, in this order
   * @param tokens for trainable models the exact tokens behind it
   * @param usage what it cost
   */
  record Completion(
      String text, List<ToolUse> toolUses, TokenTrace tokens, Usage usage, Finish finish) {
    public Completion {
      toolUses = List.copyOf(toolUses);
    }

    /** A response without tools, whose usage is the length of its token trace. */
    public Completion(String text, TokenTrace tokens, Finish finish) {
      this(text, List.of(), tokens, Usage.of(tokens), finish);
    }

    /** A response that ended by itself. */
    public Completion(String text, TokenTrace tokens) {
      this(text, tokens, Finish.STOP);
    }

    /** The messages did not fit the model's context, so there is no response. */
    public static Completion contextOverflow() {
      return new Completion("", TokenTrace.NONE, Finish.CONTEXT_OVERFLOW);
    }
  }

  /** What became of one request of a batch. */
  sealed interface Answer {
    /** The model answered. */
    record Completed(Completion completion) implements Answer {}

    /** It could not answer this request; its neighbours are not concerned. */
    record Failed(ModelException failure) implements Answer {}

    static Answer of(Completion completion) {
      return new Completed(completion);
    }

    /**
     * The completion.
     *
     * @throws ModelException the failure, where there is no completion
     */
    default Completion orThrow() {
      return switch (this) {
        case Completed(Completion completion) -> completion;
        case Failed(ModelException failure) -> throw failure;
      };
    }
  }

  /**
   * What a call cost.
   *
   * @param money in the currency of the prices; 0 where nobody charges
   */
  record Usage(long promptTokens, long responseTokens, double money) {
    public Usage {
      if (promptTokens < 0 || responseTokens < 0 || !(money >= 0)) {
        throw new IllegalArgumentException(
            "usage must not be negative, was %d and %d tokens and %s"
                .formatted(promptTokens, responseTokens, money));
      }
    }

    /** The tokens of a trace, for which nobody charges. */
    public static Usage of(TokenTrace tokens) {
      return new Usage(tokens.promptLength(), tokens.responseLength(), 0);
    }
  }

  /** Why a response ended. */
  enum Finish {
    /** The model ended it. */
    STOP,
    /** It reached the most tokens allowed. */
    LENGTH,
    /** It never began: the prompt was too long. */
    CONTEXT_OVERFLOW
  }

  /** What kind of failure it was, which decides whether asking again may help. */
  enum FailureKind {
    /** Asked too often. */
    RATE_LIMITED,
    /** The server has no capacity just now. */
    OVERLOADED,
    TIMEOUT,
    /** It could not be reached, or the connection broke. */
    CONNECTION,
    /** It answered what is not an answer. */
    INVALID_RESPONSE,
    /** It will not answer this request, however often it is asked: no access, not allowed. */
    REJECTED,
    /** None of the others. */
    OTHER
  }

  /** The model could not answer. */
  final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FailureKind kind;

    public ModelException(FailureKind kind, String message, Throwable cause) {
      super(message, cause);
      this.kind = kind;
    }

    public ModelException(String message, Throwable cause) {
      this(FailureKind.OTHER, message, cause);
    }

    public FailureKind kind() {
      return kind;
    }
  }
}
