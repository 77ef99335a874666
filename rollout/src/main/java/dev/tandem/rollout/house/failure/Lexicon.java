package dev.tandem.rollout.house.failure;

import dev.tandem.harness.event.Observation;
import dev.tandem.harness.run.Step;
import dev.tandem.rollout.Trajectories;
import dev.tandem.rollout.house.world.HouseFacts;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The words of an environment, learnt from a round's traces: what its places and things are called,
 * which kinds of thing can be carried, and which forms its commands have. A command's form is its
 * text with every name replaced by a slot, so that a well-formed command that is out of place can
 * be told from babble without knowing the environment.
 */
public final class Lexicon {
  private static final String SLOT = "_";
  private static final Pattern SPACES = Pattern.compile("\\s+");
  private static final Pattern NO_WORD = Pattern.compile("[^a-z0-9]+");

  private final Set<String> names = new HashSet<>();
  private final Set<String> forms = new HashSet<>();
  private final Set<String> things = new HashSet<>();
  private final Set<String> carriedThings = new HashSet<>();

  /** Kinds of thing, and how a goal would write them. */
  private final SortedMap<String, String> thingKinds = new TreeMap<>();

  private final Set<String> carriedKinds = new HashSet<>();
  private int longestName = 1;

  private Lexicon() {}

  public static Lexicon of(Trajectories trajectories) {
    Lexicon lexicon = new Lexicon();
    Set<String> commands = new HashSet<>();
    trajectories.forEach(
        trajectory -> {
          for (Step step : trajectory.episode().steps()) {
            lexicon.learnNames(step.before());
            lexicon.learnNames(step.after());
            commands.addAll(step.before().commands());
          }
        });
    for (String command : commands) {
      lexicon.forms.add(lexicon.form(command));
    }
    return lexicon;
  }

  private void learnNames(Observation observation) {
    HouseFacts.of(observation).places().forEach(this::learnName);
    HouseFacts.of(observation).holding().forEach(name -> learnThing(name, true));
    HouseFacts.of(observation)
        .here()
        .ifPresent(place -> place.contents().forEach(name -> learnThing(name, false)));
  }

  private void learnThing(String name, boolean carried) {
    if (things.add(name)) {
      learnName(name);
      thingKinds.put(kind(name), plain(kind(name)));
    }
    if (carried && carriedThings.add(name)) {
      carriedKinds.add(kind(name));
    }
  }

  private void learnName(String name) {
    if (names.add(name)) {
      longestName = Math.max(longestName, words(name).length);
    }
  }

  /** Whether the text has the form of some command of the environment. */
  boolean isCommand(String text) {
    return forms.contains(form(text));
  }

  /**
   * Kinds of thing that the goal mentions and somebody has carried; if nobody has carried any, all
   * that it mentions.
   */
  Set<String> wantedKinds(String goal) {
    Set<String> kinds = goalKinds(goal);
    Set<String> carried = new TreeSet<>(kinds);
    carried.retainAll(carriedKinds);
    return carried.isEmpty() ? kinds : carried;
  }

  /** The other kinds of thing that the goal mentions. */
  Set<String> fixtureKinds(String goal) {
    Set<String> kinds = goalKinds(goal);
    kinds.removeAll(wantedKinds(goal));
    return kinds;
  }

  private Set<String> goalKinds(String goal) {
    String text = plain(goal);
    Set<String> kinds = new TreeSet<>();
    thingKinds.forEach(
        (kind, written) -> {
          if (text.contains(written)) {
            kinds.add(kind);
          }
        });
    return kinds;
  }

  /** Whether the goal speaks of a place or thing of this kind. */
  static boolean mentions(String goal, String kind) {
    return plain(goal).contains(plain(kind));
  }

  /** A name without its number: {@code mug 2} is a mug. */
  static String kind(String name) {
    List<String> words = List.of(words(name));
    boolean numbered = words.size() > 1 && words.getLast().chars().allMatch(Character::isDigit);
    return String.join(" ", numbered ? words.subList(0, words.size() - 1) : words);
  }

  private String form(String command) {
    String[] words = words(command);
    StringJoiner form = new StringJoiner(" ");
    int next = 0;
    while (next < words.length) {
      int length = nameLength(words, next);
      form.add(length == 0 ? words[next] : SLOT);
      next += Math.max(1, length);
    }
    return form.toString();
  }

  /** Words of the longest name that begins here, 0 when none does. */
  private int nameLength(String[] words, int from) {
    for (int length = Math.min(longestName, words.length - from); length > 0; length--) {
      if (names.contains(String.join(" ", List.of(words).subList(from, from + length)))) {
        return length;
      }
    }
    return 0;
  }

  private static String[] words(String text) {
    return SPACES.split(text.strip(), -1);
  }

  private static String plain(String text) {
    return " " + NO_WORD.matcher(text.toLowerCase(Locale.ROOT)).replaceAll(" ").strip() + " ";
  }
}
