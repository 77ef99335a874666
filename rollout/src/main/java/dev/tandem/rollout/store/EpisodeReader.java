package dev.tandem.rollout.store;

import dev.tandem.harness.event.ExitReason;
import dev.tandem.harness.event.Facts;
import dev.tandem.harness.event.Hook;
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
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the items that {@link EpisodeWriter} wrote, an episode at a time. */
final class EpisodeReader implements AutoCloseable {
  private static final Messages NO_MESSAGES = new Messages(null, null, 0);

  private final ByteSource in;
  private final List<Object> defined = new ArrayList<>();
  private final TokenHistory tokens = new TokenHistory();
  private final List<Turn> turns = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();

  EpisodeReader(InputStream in) {
    this.in = new ByteSource(in);
  }

  /** A list that shares its beginning with others. */
  private record Messages(@Nullable Messages before, @Nullable Message last, int size) {
    List<Message> toList() {
      Message[] all = new Message[size];
      Messages some = this;
      for (int i = size - 1; i >= 0 && some != null && some.last != null; i--) {
        all[i] = some.last;
        some = some.before;
      }
      return Arrays.asList(all);
    }
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
            defined.add(content(kind));
      }
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private Object content(ItemKind kind) throws IOException {
    return switch (kind) {
      case TEXT -> new String(in.get(in.count()), StandardCharsets.UTF_8);
      case RAW_TEXT -> rawText();
      case TRUE -> true;
      case FALSE -> false;
      case INTEGER -> (int) in.signed();
      case LONG -> in.signed();
      case DOUBLE -> decimal();
      case LIST -> list();
      case MAP -> map();
      case MESSAGE -> message();
      case MESSAGES -> messages();
      case OBSERVATION -> observation();
      case TOKEN_IDS -> tokenIds();
      case TASK -> task();
      case TRIGGER -> {
        List<String> parts = texts();
        yield new Trigger(0, Hook.valueOf(parts.get(0)), parts.get(1), parts.get(2));
      }
      case END, TURN, STEP, JUDGED, BROKEN ->
          throw new IllegalStateException(kind + " is no content");
    };
  }

  private <T> T refer(Class<T> type) throws IOException {
    int back = in.count();
    if (back < 1 || back > defined.size()) {
      throw new IOException("it refers to what is not there");
    }
    return type.cast(defined.get(defined.size() - back));
  }

  private String text() throws IOException {
    return refer(String.class);
  }

  private <T> List<T> references(Class<T> type) throws IOException {
    int count = in.count();
    List<T> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(refer(type));
    }
    return list;
  }

  private List<String> texts() throws IOException {
    return references(String.class);
  }

  private String rawText() throws IOException {
    int length = in.count();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) in.count());
    }
    return text.toString();
  }

  private double decimal() throws IOException {
    return Double.longBitsToDouble(in.fixed64());
  }

  private List<Object> list() throws IOException {
    return Collections.unmodifiableList(references(Object.class));
  }

  private Map<String, Object> map() throws IOException {
    int count = in.count() / 2;
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      String key = text();
      map.put(key, refer(Object.class));
    }
    return Collections.unmodifiableMap(map);
  }

  private Message message() throws IOException {
    Message.Role role = Message.Role.valueOf(text());
    String content = text();
    List<ToolUse> uses = uses();
    return new Message(role, content, uses, text());
  }

  private List<ToolUse> uses() throws IOException {
    List<String> parts = texts();
    List<ToolUse> uses = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += 3) {
      uses.add(new ToolUse(parts.get(i), parts.get(i + 1), parts.get(i + 2)));
    }
    return uses;
  }

  private Messages messages() throws IOException {
    if (in.get() == 0) {
      return NO_MESSAGES;
    }
    Messages before = refer(Messages.class);
    return new Messages(before, refer(Message.class), before.size + 1);
  }

  @SuppressWarnings("unchecked") // a map's keys are texts, a list of texts was written as one
  private Observation observation() throws IOException {
    String goal = text();
    String text = text();
    Map<String, Object> facts = refer(Map.class);
    boolean effective = flag();
    boolean admissible = flag();
    List<String> commands = refer(List.class);
    return new Observation(
        goal,
        text,
        new Facts(facts),
        effective,
        admissible ? Optional.of(commands) : Optional.empty());
  }

  private boolean flag() throws IOException {
    return in.get() != 0;
  }

  private int[] tokenIds() throws IOException {
    int[] ids = new int[in.count()];
    long last = 0;
    for (int i = 0; i < ids.length; i++) {
      last += in.signed();
      ids[i] = (int) last;
    }
    return ids;
  }

  private TaskSpec task() throws IOException {
    List<String> parts = texts();
    return new TaskSpec(
        parts.get(0),
        parts.get(1),
        parts.get(2),
        Split.valueOf(parts.get(3)),
        parts.get(4),
        in.count());
  }

  private Turn turn() throws IOException {
    int step = in.count();
    String harness = text();
    List<Message> messages = refer(Messages.class).toList();
    String text = text();
    List<ToolUse> uses = uses();
    boolean discarded = flag();
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
    int[][] allowed = references(int[].class).toArray(int[][]::new);
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
    Observation before = refer(Observation.class);
    String state = text();
    String tool = text();
    String action = text();
    boolean executed = flag();
    return new Step(index, before, state, tool, action, executed, refer(Observation.class));
  }

  private Trajectory judged() throws IOException {
    List<String> names = texts();
    TaskSpec task = refer(TaskSpec.class);
    int round = in.count();
    long seed = in.signed();
    if (in.count() != turns.size() || in.count() != steps.size()) {
      throw new IOException("an episode lacks some of its turns or steps");
    }
    Verdict verdict = verdict();
    List<Trigger> triggers = references(Trigger.class);
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
    boolean success = flag();
    double strict = decimal();
    double lenient = decimal();
    TreeMap<String, Double> components = new TreeMap<>();
    for (String name : texts()) {
      components.put(name, decimal());
    }
    return new Verdict(success, strict, lenient, components, texts());
  }

  private List<Swap> swaps() throws IOException {
    List<String> parts = texts();
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
    for (String role : texts()) {
      int calls = in.count();
      long promptTokens = in.unsigned();
      long responseTokens = in.unsigned();
      spending.put(
          ModelRole.valueOf(role),
          new ModelSpending(calls, new Model.Usage(promptTokens, responseTokens, decimal())));
    }
    return spending;
  }

  private List<ObserverFailure> observerFailures() throws IOException {
    List<String> parts = texts();
    List<ObserverFailure> failures = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += 3) {
      failures.add(
          new ObserverFailure(parts.get(i), parts.get(i + 1), parts.get(i + 2), in.count()));
    }
    return failures;
  }

  private FailedEpisode broken() throws IOException {
    List<String> names = texts();
    TaskSpec task = refer(TaskSpec.class);
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
