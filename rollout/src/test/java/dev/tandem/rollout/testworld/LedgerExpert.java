package dev.tandem.rollout.testworld;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.spi.Expert;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Plays as the tools' answers suggest, without looking behind them. */
final class LedgerExpert implements Expert {
  private final Map<String, Integer> held = new TreeMap<>();
  private String goal = "";
  private List<String> accounts = List.of();
  private boolean asked;
  private boolean moved;

  @Override
  public void observe(Observation observation) {
    goal = observation.goal();
    String text = observation.text();
    if (text.contains(" holds ")) {
      held.put(
          text.substring(0, text.indexOf(' ')),
          Integer.parseInt(text.substring(text.lastIndexOf(' ') + 1)));
    } else if (text.startsWith("moved ")) {
      moved = true;
    } else if (asked) {
      accounts = List.of(text.split(", ", -1));
    }
  }

  @Override
  public Move act() {
    String[] words = goal.replace(",", "").split(" ", -1);
    return switch (words[0]) {
      case "move" -> transfer(words[3], words[5], Integer.parseInt(words[1]));
      case "bring" -> level(words[1], words[8], Integer.parseInt(words[4]));
      default -> report();
    };
  }

  private Move level(String account, String from, int wanted) {
    Integer holds = held.get(account);
    return holds == null
        ? new Move("", List.of(balance(account)))
        : transfer(from, account, wanted - holds);
  }

  private Move transfer(String from, String to, int amount) {
    return moved
        ? Move.say("done")
        : Move.use(
            "transfer",
            "{\"from\": \"%s\", \"to\": \"%s\", \"amount\": %d}".formatted(from, to, amount));
  }

  /** Asks for all balances at once. */
  private Move report() {
    if (!asked) {
      asked = true;
      return Move.use("accounts", "{}");
    }
    return held.size() < accounts.size()
        ? new Move("let me see", accounts.stream().map(LedgerExpert::balance).toList())
        : Move.say(
            held.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey());
  }

  private static ToolUse balance(String account) {
    return new ToolUse("", "balance", "{\"account\": \"%s\"}".formatted(account));
  }
}
