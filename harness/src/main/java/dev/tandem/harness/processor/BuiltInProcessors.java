package dev.tandem.harness.processor;

import dev.tandem.harness.code.JavaScriptProcessor;
import dev.tandem.harness.processor.context.EnvironmentContext;
import dev.tandem.harness.processor.context.HintBlock;
import dev.tandem.harness.processor.context.ObservationRenderer;
import dev.tandem.harness.processor.context.SystemPrompt;
import dev.tandem.harness.processor.context.UserWrapper;
import dev.tandem.harness.processor.control.BudgetNotice;
import dev.tandem.harness.processor.control.ConfirmationGate;
import dev.tandem.harness.processor.control.DecisionForcing;
import dev.tandem.harness.processor.control.LoopGuard;
import dev.tandem.harness.processor.control.ParseRetry;
import dev.tandem.harness.processor.control.RepeatedEditGuard;
import dev.tandem.harness.processor.control.RepetitionGuard;
import dev.tandem.harness.processor.control.SearchGuard;
import dev.tandem.harness.processor.control.StepBudgetNotice;
import dev.tandem.harness.processor.control.SwapOnLoop;
import dev.tandem.harness.processor.control.ToolFailureGuard;
import dev.tandem.harness.processor.evaluation.ModelJudge;
import dev.tandem.harness.processor.evaluation.SelfVerification;
import dev.tandem.harness.processor.evaluation.VerifierBridge;
import dev.tandem.harness.processor.memory.Compaction;
import dev.tandem.harness.processor.memory.FrontierNote;
import dev.tandem.harness.processor.memory.HistoryWindow;
import dev.tandem.harness.processor.memory.ProgressNote;
import dev.tandem.harness.processor.memory.RetrievalMemory;
import dev.tandem.harness.processor.memory.SightingNote;
import dev.tandem.harness.processor.observability.MetricsCollector;
import dev.tandem.harness.processor.observability.TelemetrySpans;
import dev.tandem.harness.processor.observability.TraceLog;
import dev.tandem.harness.processor.routing.DifficultyRouter;
import dev.tandem.harness.processor.tools.AdmissibleCommands;
import dev.tandem.harness.processor.tools.ArgumentCorrection;
import dev.tandem.harness.processor.tools.ResultTruncation;
import dev.tandem.harness.processor.tools.SchemaAdapter;
import dev.tandem.harness.processor.tools.SkillDocuments;
import dev.tandem.harness.processor.tools.ToolFilter;
import dev.tandem.harness.processor.training.TrainingBridge;
import dev.tandem.harness.processor.workspace.WorkspaceFiles;
import dev.tandem.harness.spi.ProcessorType;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The processor types that come with Tandem. */
public final class BuiltInProcessors {
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
