package dev.tandem.harness;

import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.tool.ToolUse;
import java.util.ArrayList;
import java.util.List;

/** Uses one tool after the other, then says what is left to say; keeps what it was asked. */
public final class ScriptedToolUser implements Model {
  final List<Request> requests = new ArrayList<>();
  private final List<ToolUse> uses;
  private final String answer;

  public ScriptedToolUser(String answer, ToolUse... uses) {
    this.answer = answer;
    this.uses = List.of(uses);
  }

  /** A use with an id of its own. */
  public static ToolUse use(String tool, String input) {
    return new ToolUse("call-" + tool + input.hashCode(), tool, input);
  }

  @Override
  public Completion complete(Request request) {
    requests.add(request);
    int call = requests.size() - 1;
    List<ToolUse> wanted = call < uses.size() ? List.of(uses.get(call)) : List.of();
    return new Completion(
        wanted.isEmpty() ? answer : "",
        wanted,
        TokenTrace.NONE,
        new Usage(100, 10, 0.25),
        Finish.STOP);
  }

  /** Text of the last message of each request. */
  public List<String> prompts() {
    return requests.stream().map(request -> request.messages().getLast().content()).toList();
  }
}
