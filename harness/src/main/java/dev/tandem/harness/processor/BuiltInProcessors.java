package dev.tandem.harness.processor;

import dev.tandem.harness.ProcessorType;
import dev.tandem.harness.code.JavaScriptProcessor;
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

  /**
   * Every built-in type. Those without requirements come first: adding one changes what every warm
   * start draws and what every search tries, and its words must be in {@link #vocabulary}.
   */
  public static List<ProcessorType> types() {
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
        LoopGuard.TYPE,
        DifficultyRouter.TYPE,
        EnvironmentContext.TYPE,
        UserWrapper.TYPE,
        HintBlock.TYPE,
        Compaction.TYPE,
        RetrievalMemory.TYPE,
        ToolFilter.TYPE,
        SchemaAdapter.TYPE,
        ArgumentCorrection.TYPE,
        SkillDocuments.TYPE,
        ResultTruncation.TYPE,
        VerifierBridge.TYPE,
        SelfVerification.TYPE,
        BudgetNotice.TYPE,
        RepetitionGuard.TYPE,
        DecisionForcing.TYPE,
        RepeatedEditGuard.TYPE,
        ToolFailureGuard.TYPE,
        ConfirmationGate.TYPE,
        SwapOnLoop.TYPE,
        WorkspaceFiles.TYPE,
        ModelJudge.TYPE,
        TraceLog.TYPE,
        TelemetrySpans.TYPE,
        MetricsCollector.TYPE,
        TrainingBridge.TYPE,
        JavaScriptProcessor.TYPE);
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
