package dev.tandem.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.rollout.Phase;
import dev.tandem.rollout.store.TraceQuery;
import dev.tandem.rollout.store.TraceRow;
import dev.tandem.rollout.store.TraceStore;
import dev.tandem.trainer.SilentMonitor;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.TinyRun;
import dev.tandem.trainer.TrainingRun;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a run that was really run: nothing in its folder was written by a test. */
final class RealRunReportTest {
  @TempDir private static Path runs;
  private static Path run = Path.of("");
  private static String page = "";

  @BeforeAll
  static void runAndReport() throws IOException {
    run = runs.resolve("tiny");
    Files.createDirectory(run);
    RunConfig recipe =
        TinyRun.lucky(
            ConfigLoader.load(
                Path.of("../configs/house-smoke.yaml"),
                List.of(
                    "model.width=32",
                    "model.layers=1",
                    "model.mlp_width=64",
                    "warm_start.episodes=60",
                    "rollout.tasks_per_round=4",
                    "rollout.episodes_per_task=4",
                    "aegis.bundle.helps=0.01",
                    "aegis.bundle.risk=0.99",
                    "aegis.gate.power=0",
                    "aegis.gate.batch=2",
                    "aegis.gate.maximum_pairs=4",
                    "evaluation.sealed_episodes=8",
                    "evaluation.curve_episodes=4"),
                RunConfig.DEFAULTS,
                RunConfig.class));
    Files.writeString(run.resolve("config.yaml"), ConfigLoader.effective(recipe));
    try (TrainingRun training = new TrainingRun(recipe, run, Tiny.EXECUTION, new SilentMonitor())) {
      training.execute();
    }
    page = Files.readString(RunReport.write(run));
  }

  @Test
  void readsTheLedgerThatEvolutionWrote() {
    List<LedgerEntry> ledger = Ledger.verify(run.resolve("ledger.jsonl")).entries();
    HarnessHistory history = HarnessHistory.of(ledger);
    assertThat(history.shipped() + history.rejections().size())
        .isEqualTo(count(ledger, "shipped", "rejected"));
    assertThat(history.shipped() + history.rejections().size()).isPositive();
    assertThat(history.rejections())
        .allSatisfy(rejection -> assertThat(rejection.changes()).isNotEmpty());
    for (LedgerEntry entry : ledger) {
      if (entry.kind().equals("rejected")) {
        assertThat(page).contains(Html.text(entry.payload().path("reason").asText()));
      }
    }
  }

  private static long count(List<LedgerEntry> ledger, String... kinds) {
    return ledger.stream().filter(entry -> List.of(kinds).contains(entry.kind())).count();
  }

  @Test
  void showsOneSealedTaskBeforeAndAfterAsText() {
    try (TraceStore store = TraceStore.openExisting(run)) {
      List<TraceRow> last = store.find(TraceQuery.ALL.withPhase(Phase.EVALUATION).withRound(3));
      assertThat(last).hasSize(8);
    }
    Matcher columns =
        Pattern.compile(
                "<article class=\"panel episode\"><h3>(Round \\d+) .*?</article>", Pattern.DOTALL)
            .matcher(page);
    assertThat(columns.find()).isTrue();
    String before = columns.group();
    assertThat(columns.group(1)).isEqualTo("Round 0");
    assertThat(columns.find()).isTrue();
    assertThat(columns.group(1)).isEqualTo("Round 3");
    assertThat(before).contains("step 0", ">goal</span>", "<p class=\"said ", ">verdict</span>");
    assertThat(task(before)).isEqualTo(task(columns.group())).startsWith("lucky_house@");
  }

  private static String task(String column) {
    Matcher task = Pattern.compile("<span>task</span><span>([^ ]+)").matcher(column);
    assertThat(task.find()).isTrue();
    return task.group(1);
  }

  @Test
  void everyLinkHasItsPlaceOnThePage() {
    Matcher links = Pattern.compile("href=\"#([^\"]+)\"").matcher(page);
    assertThat(links.results().map(link -> "id=\"%s\"".formatted(link.group(1))))
        .isNotEmpty()
        .allMatch(page::contains);
  }

  @Test
  void saysThatARunIsInProgressWhileAnotherProcessHoldsItsFolder() throws Exception {
    Path going = copyOf("going", "metrics.jsonl", "config.yaml", "ledger.jsonl");
    Path lock = Files.createFile(going.resolve(".lock"));
    assertThat(Files.readString(RunReport.write(going)))
        .contains("stopped after round 3 of 3", "./tandem train", "--resume");
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                LockHolder.class.getName(),
                lock.toString())
            .start();
    try {
      assertThat(holder.getInputStream().read()).isEqualTo('+');
      assertThat(Files.readString(RunReport.write(going)))
          .contains("in progress")
          .doesNotContain("--resume</pre>");
    } finally {
      holder.destroyForcibly().waitFor();
    }
  }

  /** Another process at work. */
  static final class LockHolder {
    private LockHolder() {}

    public static void main(String[] args) throws IOException {
      try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
        if (channel.tryLock() != null) {
          System.out.print('+');
          System.out.flush();
          System.in.read();
        }
      }
    }
  }

  @Test
  void saysSoWhereTheTracesAreGoneOrDamaged() throws IOException {
    Path bare = copyOf("bare", "metrics.jsonl", "config.yaml", "ledger.jsonl", "summary.json");
    assertThat(Files.readString(RunReport.write(bare))).contains(bare + " has no traces.");
    Files.createDirectory(bare.resolve("traces"));
    String damaged = "round-0000-evaluation-001.traces";
    Files.writeString(bare.resolve("traces").resolve(damaged), "not a segment");
    assertThat(Files.readString(RunReport.write(bare))).contains(damaged);
  }

  private static Path copyOf(String name, String... files) throws IOException {
    Path copy = Files.createDirectory(runs.resolve(name));
    for (String file : files) {
      Files.copy(run.resolve(file), copy.resolve(file));
    }
    return copy;
  }
}
