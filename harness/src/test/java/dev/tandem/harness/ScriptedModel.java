package dev.tandem.harness;

import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import java.util.ArrayList;
import java.util.List;

/** Answers from a list, the last answer for ever, and keeps what it was asked. */
public final class ScriptedModel implements Model {
  /** Four tokens a call; one object, so that equal episodes compare equal. */
  private static final TokenTrace TOKENS =
      new TokenTrace(new int[] {1, 2, 3}, new int[] {4}, new float[1], new int[0][]);

  public final List<Request> requests = new ArrayList<>();
  private final List<String> responses;

  public ScriptedModel(String... responses) {
    this.responses = List.of(responses);
  }

  @Override
  public Completion complete(Request request) {
    requests.add(request);
    int index = Math.min(requests.size(), responses.size()) - 1;
    return new Completion(responses.get(index), TOKENS);
  }

  /** Text of the last message of each request. */
  public List<String> prompts() {
    return requests.stream().map(request -> request.messages().getLast().content()).toList();
  }
}
