package dev.tandem.harness.run;

import dev.tandem.harness.event.Event;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.run.HookChains.Intercepted;
import dev.tandem.harness.run.HookChains.Passage;
import dev.tandem.harness.run.HookChains.Through;
import dev.tandem.harness.tool.ToolOutput;
import dev.tandem.harness.tool.ToolUse;
import java.util.ArrayList;
import java.util.List;

/** How what the model decided is done, call by call, and what the model is told of it. */
final class Acting {
  /** What the model is told of a call that was disapproved without a word. */
  private static final String NOTHING_HAPPENS = "nothing happens .";

  private final EpisodeState state;

  Acting(EpisodeState state) {
    this.state = state;
  }

  /** Does what the model decided and returns what it is told of it, one message for each use. */
  List<Message> act(Reply reply) {
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
        new Event.ToolCall(state.step(), state.current(), use.id(), use.tool(), use.input(), true);
    if (isOver()) {
      return "";
    }
    List<String> results = new ArrayList<>(1);
    for (Passage<Event.ToolCall> passage : passages(call, reply)) {
      if (isOver()) {
        break;
      }
      results.add(carryOut(passage, reply));
    }
    return String.join(" ", results);
  }

  /** A refused response's calls reach no processor: nobody is to change or approve them. */
  private List<Passage<Event.ToolCall>> passages(Event.ToolCall call, Reply reply) {
    return reply.refusal().isPresent()
        ? List.of(new Intercepted<>(call, reply.refusal().get()))
        : state.chains().sendAll(call, Event.ToolCall.class);
  }

  /** Whether the steps are used up or the task is done, so that no further action happens. */
  private boolean isOver() {
    return state.account.stepsLeft() <= 0 || state.world.isFinished();
  }

  /** Acts, or does not where a processor says so, and returns what the model is told of it. */
  private String carryOut(Passage<Event.ToolCall> passage, Reply reply) {
    Event.ToolCall call = passage.event();
    String stateHash = state.world.stateHash().orElse("");
    Observation before = state.current();
    Event.ToolResult result =
        switch (passage) {
          case Through<Event.ToolCall> _ when call.approved() -> execute(call, reply);
          case Through<Event.ToolCall> _ ->
              new Event.ToolResult(state.step(), call, false, before, NOTHING_HAPPENS);
          case Intercepted<Event.ToolCall>(_, String note) ->
              new Event.ToolResult(state.step(), call, false, before, note);
        };
    state.account.spendStep();
    state.steps.add(
        new Step(
            state.step(),
            before,
            stateHash,
            call.tool(),
            call.input(),
            result.executed(),
            result.observation()));
    return state.chains().pass(result, Event.ToolResult.class).text();
  }

  private Event.ToolResult execute(Event.ToolCall call, Reply reply) {
    Toolbox.Result result =
        reply.response().toolUses().isEmpty()
            ? new Toolbox.Result.ByWorld(state.world.act(call.input()))
            : state.toolbox().run(new ToolUse(call.id(), call.tool(), call.input()), reply.open());
    return switch (result) {
      case Toolbox.Result.ByWorld(Observation after) -> {
        state.observe(after);
        yield new Event.ToolResult(state.step(), call, true, after, after.text());
      }
      case Toolbox.Result.ByTool(ToolOutput output) ->
          new Event.ToolResult(
              state.step(), call, true, output.error(), state.current(), output.text());
      case Toolbox.Result.Refused(String why) ->
          new Event.ToolResult(state.step(), call, false, true, state.current(), why);
    };
  }
}
