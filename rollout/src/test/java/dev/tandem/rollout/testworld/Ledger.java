package dev.tandem.rollout.testworld;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.event.Facts;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.rollout.Verdict;
import dev.tandem.rollout.spi.Environment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** One set of books; what is said without using a tool is the answer, and ends the episode. */
final class Ledger implements Environment {
  private static final JsonMapper JSON = new JsonMapper();
  private static final List<ToolSpec> TOOLS =
      List.of(
          new ToolSpec(
              "accounts",
              "Names every account.",
              "{\"type\": \"object\", \"additionalProperties\": false}"),
          new ToolSpec(
              "balance",
              "Tells what an account holds.",
              """
              {"type": "object", "required": ["account"], "additionalProperties": false,
               "properties": {"account": {"type": "string"}}}
              """),
          new ToolSpec(
              "transfer",
              "Moves money from an account to another.",
              """
              {"type": "object", "required": ["from", "to", "amount"],
               "additionalProperties": false,
               "properties": {"from": {"type": "string"}, "to": {"type": "string"},
                 "amount": {"type": "integer", "minimum": 1}}}
              """));

  private final LedgerTask task;
  private final SortedMap<String, Integer> balances = new TreeMap<>();
  private Optional<String> answer = Optional.empty();
  private int bookings;

  Ledger(LedgerTask task) {
    this.task = task;
    balances.putAll(task.balances());
  }

  @Override
  public List<ToolSpec> tools() {
    return TOOLS;
  }

  @Override
  public Observation reset() {
    balances.putAll(task.balances());
    answer = Optional.empty();
    bookings = 0;
    return observation("the books are open", true);
  }

  @Override
  public Observation act(String command) {
    if (isFinished()) {
      return observation("the books are closed", false);
    }
    answer = Optional.of(command.strip());
    return observation("the books are closed", true);
  }

  @Override
  public Observation use(ToolUse use) {
    if (isFinished()) {
      return observation("the books are closed", false);
    }
    JsonNode input;
    try {
      input = JSON.readTree(use.input());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the input of a tool must be JSON", e);
    }
    return switch (use.tool()) {
      case "accounts" -> observation(String.join(", ", balances.keySet()), true);
      case "balance" -> balance(input.path("account").asText());
      case "transfer" ->
          transfer(
              input.path("from").asText(), input.path("to").asText(), input.path("amount").asInt());
      default -> Environment.super.use(use);
    };
  }

  private Observation balance(String account) {
    Integer holds = balances.get(account);
    return holds == null
        ? observation("there is no account of " + account, false)
        : observation(account + " holds " + holds, true);
  }

  private Observation transfer(String from, String to, int amount) {
    if (!balances.containsKey(to) || from.equals(to)) {
      return observation("there is no way from %s to %s".formatted(from, to), false);
    }
    int holds = balances.getOrDefault(from, 0);
    if (amount > holds) {
      return observation("%s holds %d, not %d".formatted(from, holds, amount), false);
    }
    balances.merge(from, -amount, Integer::sum);
    balances.merge(to, amount, Integer::sum);
    bookings++;
    return observation("moved %d from %s to %s".formatted(amount, from, to), true);
  }

  @Override
  public boolean isFinished() {
    return answer.isPresent();
  }

  @Override
  public Optional<String> stateHash() {
    return Optional.of(ContentHash.sha256(task + "|" + balances + "|" + answer + "|" + bookings));
  }

  @Override
  public Verdict verify(Episode episode) {
    boolean booked = balances.equals(task.wanted());
    boolean answered = answer.equals(Optional.of(task.answer()));
    SortedMap<String, Double> components = new TreeMap<>();
    components.put("booked", booked ? 1.0 : 0.0);
    components.put("answered", answered ? 1.0 : 0.0);
    boolean success = booked && answered;
    return new Verdict(
        success,
        success ? 1 : 0,
        components.values().stream().mapToDouble(Double::doubleValue).sum() / 2,
        components,
        List.of());
  }

  private Observation observation(String text, boolean effective) {
    return new Observation(
        task.goal(), text, new Facts(Map.of("bookings", bookings)), effective, Optional.empty());
  }
}
