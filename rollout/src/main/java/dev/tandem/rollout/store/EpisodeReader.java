package dev.tandem.rollout.store;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.ModelSpending;
import dev.tandem.harness.run.ObserverFailure;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.run.Swap;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.run.Turn;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads the items that {@link EpisodeWriter} wrote, an episode at a time. */
final class EpisodeReader implements AutoCloseable {
  private final ByteSource in;
  private final ContentReader content;
  private final TokenHistory tokens = new TokenHistory();
  private final List<Turn> turns = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();

  EpisodeReader(InputStream in) {
    this.in = new ByteSource(in);
    this.content = new ContentReader(this.in);
  }

  /** The next episode; empty after the last. */
  Optional<StoredEpisode> next() throws IOException {
    while (true) {
      ItemKind kind = ItemKind.of(in.get());
      switch (kind) {
        case END -> {
          return Optional.empty();
        }
        case TURN -> {
          if (turns.isEmpty()) {
            tokens.beginEpisode();
          }
          turns.add(turn());
        }
        case STEP -> steps.add(step());
        case JUDGED -> {
          return Optional.of(new StoredEpisode.Judged(judged()));
        }
        case BROKEN -> {
          return Optional.of(new StoredEpisode.Broken(broken()));
        }
        case TEXT,
            RAW_TEXT,
            TRUE,
            FALSE,
            INTEGER,
            LONG,
            DOUBLE,
            LIST,
            MAP,
            MESSAGE,
            MESSAGES,
            OBSERVATION,
            TOKEN_IDS,
            TASK,
            TRIGGER ->
            content.define(kind);
      }
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private Turn turn() throws IOException {
    int step = in.count();
    String harness = content.text();
    List<Message> messages = content.referredMessages();
    String text = content.text();
    List<ToolUse> uses = content.uses();
    boolean discarded = content.flag();
    int place = in.count();
    int shared = in.count();
    int[] prompt = tokens.beginning(place, shared, Math.addExact(shared, in.count()));
    for (int i = shared; i < prompt.length; i++) {
      prompt[i] = (int) in.unsigned();
    }
    int[] response = new int[in.count()];
    for (int i = 0; i < response.length; i++) {
      response[i] = (int) in.unsigned();
    }
    float[] logProbs = new float[response.length];
    for (int i = 0; i < logProbs.length; i++) {
      logProbs[i] = Float.intBitsToFloat(in.fixed32());
    }
    int[][] allowed = content.references(int[].class).toArray(int[][]::new);
    tokens.add(prompt, response);
    return new Turn(
        step,
        harness,
        messages,
        text,
        uses,
        new TokenTrace(prompt, response, logProbs, allowed),
        discarded);
  }

  private Step step() throws IOException {
    int index = in.count();
    Observation before = content.refer(Observation.class);
    String state = content.text();
    String tool = content.text();
    String action = content.text();
    boolean executed = content.flag();
    return new Step(index, before, state, tool, action, executed, content.refer(Observation.class));
  }

  private Trajectory judged() throws IOException {
    List<String> names = content.texts();
    TaskSpec task = content.refer(TaskSpec.class);
    int round = in.count();
    long seed = in.signed();
    if (in.count() != turns.size() || in.count() != steps.size()) {
      throw new IOException("an episode lacks some of its turns or steps");
    }
    Verdict verdict = verdict();
    List<Trigger> triggers = content.references(Trigger.class);
    for (int i = 0; i < triggers.size(); i++) {
      Trigger one = triggers.get(i);
      triggers.set(i, new Trigger((int) in.signed(), one.hook(), one.processor(), one.field()));
    }
    Episode episode =
        new Episode(
            turns,
            steps,
            triggers,
            swaps(),
            ExitReason.valueOf(names.get(4)),
            names.get(5),
            spending(),
            observerFailures());
    turns.clear();
    steps.clear();
    return new Trajectory(
        names.get(0),
        Phase.valueOf(names.get(1)),
        round,
        task,
        names.get(2),
        names.get(3),
        seed,
        episode,
        verdict);
  }

  private Verdict verdict() throws IOException {
    boolean success = content.flag();
    double strict = content.decimal();
    double lenient = content.decimal();
    TreeMap<String, Double> components = new TreeMap<>();
    for (String name : content.texts()) {
      components.put(name, content.decimal());
    }
    return new Verdict(success, strict, lenient, components, content.texts());
  }

  private List<Swap> swaps() throws IOException {
    List<String> parts = content.texts();
    List<Swap> swaps = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += 6) {
      swaps.add(
          new Swap(
              (int) in.signed(),
              parts.get(i),
              parts.get(i + 1),
              parts.get(i + 2),
              parts.get(i + 3),
              parts.get(i + 4),
              parts.get(i + 5)));
    }
    return swaps;
  }

  private Map<ModelRole, ModelSpending> spending() throws IOException {
    Map<ModelRole, ModelSpending> spending = new EnumMap<>(ModelRole.class);
    for (String role : content.texts()) {
      int calls = in.count();
      long promptTokens = in.unsigned();
      long responseTokens = in.unsigned();
      spending.put(
          ModelRole.valueOf(role),
          new ModelSpending(
              calls, new Model.Usage(promptTokens, responseTokens, content.decimal())));
    }
    return spending;
  }

  private List<ObserverFailure> observerFailures() throws IOException {
    List<String> parts = content.texts();
    List<ObserverFailure> failures = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += 3) {
      failures.add(
          new ObserverFailure(parts.get(i), parts.get(i + 1), parts.get(i + 2), in.count()));
    }
    return failures;
  }

  private FailedEpisode broken() throws IOException {
    List<String> names = content.texts();
    TaskSpec task = content.refer(TaskSpec.class);
    int round = in.count();
    long seed = in.signed();
    return new FailedEpisode(
        names.get(0),
        Phase.valueOf(names.get(1)),
        round,
        task,
        names.get(2),
        names.get(3),
        seed,
        ExitReason.valueOf(names.get(4)),
        names.get(5),
        in.count());
  }
}
