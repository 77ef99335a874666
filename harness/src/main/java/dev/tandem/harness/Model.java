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
  record Completion(String text, TokenTrace tokens) {}

  /** The model could not answer. */
  final class ModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ModelException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
