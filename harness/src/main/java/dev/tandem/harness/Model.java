package dev.tandem.harness;

import java.util.List;

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
   * @param seed of the request's own random stream
   */
  record Request(List<Message> messages, List<String> choices, long seed) {
    public Request {
      messages = List.copyOf(messages);
      choices = List.copyOf(choices);
    }
  }

  /** The response's text, and for trainable models the exact tokens behind it. */
  record Completion(String text, TokenTrace tokens, Finish finish) {
    /** A response that ended by itself. */
    public Completion(String text, TokenTrace tokens) {
      this(text, tokens, Finish.STOP);
    }

    /** The messages did not fit the model's context, so there is no response. */
    public static Completion contextOverflow() {
      return new Completion("", TokenTrace.NONE, Finish.CONTEXT_OVERFLOW);
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

  /** The model could not answer. */
  final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ModelException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
