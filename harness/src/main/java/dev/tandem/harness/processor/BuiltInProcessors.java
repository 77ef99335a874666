package dev.tandem.harness.processor;

import dev.tandem.harness.ProcessorType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The processor types that come with Tandem. */
public final class BuiltInProcessors {
  static final String RENDERER = "observation_renderer";
  static final String FRONTIER = "frontier_note";
  static final String SIGHTINGS = "sighting_note";
  static final String PROGRESS = "progress_note";
  static final String BUDGET_NOTICE = "step_budget_notice";
  static final String PARSE_RETRY = "parse_retry";

  private static final String WORDS =
      "you are at in the room it is open closed see nothing happens hold places actions | : . "
          + "searched unsearched seen done steps left goal";

  private BuiltInProcessors() {}

  /** Every built-in type. */
  public static List<ProcessorType> types() {
    List<ProcessorType> types = new ArrayList<>(searchable());
    types.add(SwapOnLoop.TYPE);
    return List.copyOf(types);
  }

  /**
   * Those that a search may put into a harness by itself: they need no services, and {@link
   * #vocabulary} holds their words. Adding one changes what every warm start draws.
   */
  public static List<ProcessorType> searchable() {
    return List.of(
        SystemPrompt.TYPE,
        HistoryWindow.TYPE,
        ObservationRenderer.TYPE,
        FrontierNote.TYPE,
        SightingNote.TYPE,
        ProgressNote.TYPE,
        AdmissibleCommands.TYPE,
        StepBudgetNotice.TYPE,
        ParseRetry.TYPE,
        SearchGuard.TYPE,
        LoopGuard.TYPE);
  }

  /**
   * Every word that the built-in texts add to the environment's own under default templates,
   * punctuation and the numbers of {@code step_budget_notice} included; sorted.
   */
  public static Set<String> vocabulary() {
    Set<String> words = new TreeSet<>();
    words.addAll(
        Arrays.asList(
            (WORDS + " " + LoopGuard.NOTE + " " + ParseRetry.NOTE + " " + SearchGuard.NOTE)
                .split(" ", -1)));
    IntStream.rangeClosed(1, StepBudgetNotice.MAXIMUM_BELOW)
        .forEach(number -> words.add(Integer.toString(number)));
    return Collections.unmodifiableSet(words);
  }
}
