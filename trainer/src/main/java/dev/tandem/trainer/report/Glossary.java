package dev.tandem.trainer.report;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The words of the page that a stranger does not know. Each is a link to its explanation at the
 * page's end, which works under a finger too, and carries it as a hint for those who point with a
 * mouse.
 */
final class Glossary {
  private static final Map<String, String> WORDS = words();

  private Glossary() {}

  private static Map<String, String> words() {
    Map<String, String> words = new LinkedHashMap<>();
    words.put(
        "harness",
        "Everything around the model: prompts, tools, memory and control flow. It is a list of"
            + " processors, and an edit adds, removes, moves or sets one.");
    words.put(
        "hash",
        "The letters and digits beside a version: a fingerprint of what it does. Two versions that"
            + " behave differently never have the same.");
    words.put(
        "episode",
        "One attempt at one task, from the first look to the verdict; also called rollout.");
    words.put(
        "round",
        "Play a set of tasks, learn from what was played, and decide about the harness. Round 0 is"
            + " the agent before any of it.");
    words.put(
        "warm start",
        "Before round 0 a fresh model learns to imitate an expert, so that it has something to"
            + " improve.");
    words.put(
        "sealed",
        "Tasks that are only ever measured on: nothing learns from them and no decision looks at"
            + " them. So success there is what one may expect on new tasks.");
    words.put(
        "95% interval",
        "Where the true rate may lie, given how few episodes were played. Two rates whose intervals"
            + " overlap may be the same.");
    words.put("incumbent", "The harness version in force.");
    words.put(
        "lever",
        "One way in which the harness can be changed: a processor put in or taken out, or a"
            + " parameter set otherwise.");
    words.put(
        "screen",
        "The train episodes that run under the harness in force with a random part of the levers"
            + " changed. Held against each other within a task, they say what every lever does.");
    words.put(
        "gate",
        "The last judge of a bundle of changes. Incumbent and candidate play the same new tasks"
            + " with the same luck, a pair a task, until it is clear whether the edit gains.");
    words.put(
        "pair",
        "One gate task under both harnesses. Won: only the candidate solved it. Lost: only the"
            + " incumbent did. The other pairs say nothing.");
    words.put(
        "e-value",
        "How much a bet on the bundle has multiplied its stake over the pairs. If the bundle gained"
            + " nothing, 20 or more would come up at most once in 20 tries. It may be looked at"
            + " after every pair without cheating.");
    words.put(
        "seesaw",
        "The gate's check of the pairs: a gain over all, and a loss ruled out for every kind of"
            + " task.");
    words.put(
        "logic map", "Why a bundle is there: what was, what was wrong, the change, the proof.");
    words.put("red lines", "What no edit may touch, by the owner's decision.");
    words.put(
        "AEGIS",
        "The part that evolves the harness: it plays many versions at once, learns what each lever"
            + " does, and lets the gate decide on what helps.");
    words.put(
        "drift",
        "What was good once may turn bad as the model learns. In some episodes of every round each"
            + " lever in force is switched off; one that does harm by these episodes is taken"
            + " out.");
    words.put(
        "variant",
        "One of several harnesses in force at once: it plays the kinds of task that it serves, and"
            + " the default plays all others. It passed the gate on its own tasks, and is merged"
            + " back when it beats the default there no more.");
    words.put(
        "poisoned",
        "So many of a round's episodes failed for reasons outside the agent, such as a server that"
            + " was down, that the round changes nothing.");
    words.put(
        "GRPO",
        "The way the weights learn: several attempts at one task are a group, and what scored"
            + " better than its group is made likelier.");
    words.put(
        "advantage",
        "How much better an attempt scored than the others at the same task. Positive is"
            + " reinforced, negative discouraged; 0 teaches nothing.");
    words.put(
        "token", "A piece of text as the model reads and writes it: a word or a part of one.");
    words.put("nat", "A unit of information: 1 nat is a factor of 2.718 in probability.");
    words.put(
        "entropy",
        "How spread out the model's choice of the next token is. If it falls to 0 early, the model"
            + " has stopped trying things.");
    words.put(
        "KL to the reference",
        "How far the model has moved from the weights of round 0. A steady rise is learning; a jump"
            + " is often damage.");
    words.put(
        "KL to behaviour",
        "How far the model has moved, within a round, from the one that played the episodes it"
            + " learns from. It should stay near 0.");
    words.put(
        "importance ratio",
        "Each token's probability now divided by that when it was sampled. Beyond a bound it is"
            + " clipped, so that no token pulls too hard.");
    return words;
  }

  /** The word itself, linked. */
  static String link(String word) {
    return link(word, word);
  }

  /**
   * Text that is linked to a word's explanation.
   *
   * @throws IllegalArgumentException if the word is not explained
   */
  static String link(String word, String text) {
    String meaning = WORDS.get(word);
    if (meaning == null) {
      throw new IllegalArgumentException("'%s' is not explained".formatted(word));
    }
    return "<a class=\"term\" href=\"#%s\" title=\"%s\">%s</a>"
        .formatted(id(word), Html.text(meaning), Html.text(text));
  }

  static String html() {
    StringBuilder list = new StringBuilder();
    WORDS.forEach(
        (word, meaning) ->
            list.append(
                "<div id=\"%s\"><dt>%s</dt><dd>%s</dd></div>"
                    .formatted(id(word), Html.text(word), Html.text(meaning))));
    return """
    <section>
    <h2>Words</h2>
    <dl class="panel words">%s</dl>
    </section>
    """
        .formatted(list);
  }

  private static String id(String word) {
    return "word-" + word.replaceAll("[^A-Za-z0-9]+", "-").toLowerCase(Locale.ROOT);
  }
}
