package dev.tandem.harness.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Worker processes: how they start, are shared, are lost and end. */
final class CodeWorkersTest {
  private static final CodeLimits LIMITS =
      new CodeLimits(1, Duration.ofSeconds(5), 128, 3072, Duration.ofMinutes(5), 1 << 20);
  private static final CodeSource COUNT =
      new CodeSource("state.n = (state.n || 0) + event.by; return state.n;", 1000);

  @Test
  void stateIsWhatTheCallerHandsIn() {
    try (CodeWorkers workers = CodeWorkers.start(LIMITS)) {
      assertThat(workers.call(COUNT, "{\"by\":2}", "{}"))
          .isEqualTo(new CodeAnswer.Returned("2", "{\"n\":2}"));
      assertThat(workers.call(COUNT, "{\"by\":2}", "{\"n\":40}"))
          .isEqualTo(new CodeAnswer.Returned("42", "{\"n\":42}"));
      assertThat(workers.call(COUNT, "{\"by\":2}", "{}"))
          .isEqualTo(new CodeAnswer.Returned("2", "{\"n\":2}"));
    }
  }

  @Test
  void manyEpisodesAtOnceShareTwoWorkersAndNoState() throws Exception {
    CodeLimits two =
        new CodeLimits(2, Duration.ofSeconds(20), 128, 3072, Duration.ofMinutes(5), 1 << 20);
    try (CodeWorkers workers = CodeWorkers.start(two);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<String>> episodes =
          IntStream.rangeClosed(1, 64)
              .<Callable<String>>mapToObj(
                  by ->
                      () -> {
                        String state = "{}";
                        for (int call = 0; call < 5; call++) {
                          state =
                              returned(workers.call(COUNT, "{\"by\":" + by + "}", state)).state();
                        }
                        return state;
                      })
              .toList();
      List<Future<String>> ends = threads.invokeAll(episodes);
      for (int by = 1; by <= 64; by++) {
        assertThat(ends.get(by - 1).get()).isEqualTo("{\"n\":" + 5 * by + "}");
      }
    }
  }

  @Test
  void aWorkerThatDiesWhileIdleIsReplacedUnnoticed() throws Exception {
    try (CodeWorkers workers = CodeWorkers.start(LIMITS)) {
      returned(workers.call(COUNT, "{\"by\":1}", "{}"));
      for (ProcessHandle worker : workers()) {
        worker.destroyForcibly();
        worker.onExit().get(10, TimeUnit.SECONDS);
      }
      assertThat(workers.call(COUNT, "{\"by\":1}", "{}"))
          .isEqualTo(new CodeAnswer.Returned("1", "{\"n\":1}"));
    }
  }

  @Test
  void closingThePoolEndsItsProcesses() throws Exception {
    List<ProcessHandle> processes;
    try (CodeWorkers workers = CodeWorkers.start(LIMITS)) {
      returned(workers.call(COUNT, "{\"by\":1}", "{}"));
      processes = workers();
      assertThat(processes).isNotEmpty();
    }
    for (ProcessHandle process : processes) {
      process.onExit().get(10, TimeUnit.SECONDS);
      assertThat(process.isAlive()).isFalse();
    }
  }

  @Test
  void aClosedPoolSaysSo() {
    CodeWorkers workers = CodeWorkers.start(LIMITS);
    returned(workers.call(COUNT, "{\"by\":1}", "{}"));
    workers.close();
    assertThatThrownBy(() -> workers.call(COUNT, "{\"by\":1}", "{}"))
        .isInstanceOf(CodeSandboxException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void aWorkerEndsWithItsParentHoweverThatEnds() throws Exception {
    Process parent =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(parent.inputReader().readLine()).isEqualTo("ready");
      List<ProcessHandle> orphans = parent.toHandle().descendants().toList();
      assertThat(orphans).isNotEmpty();
      parent.destroyForcibly();
      parent.waitFor();
      for (ProcessHandle orphan : orphans) {
        orphan.onExit().get(20, TimeUnit.SECONDS);
      }
    } finally {
      parent.destroyForcibly();
    }
  }

  /** A process with one idle worker and one that is stuck in a call. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] arguments) throws InterruptedException {
      CodeLimits limits =
          new CodeLimits(2, Duration.ofSeconds(3), 128, 3072, Duration.ofMinutes(5), 1 << 20);
      CodeWorkers workers = CodeWorkers.start(limits);
      returned(workers.call(COUNT, "{\"by\":1}", "{}"));
      returned(workers.call(COUNT, "{\"by\":1}", "{}"));
      Thread stuck =
          Thread.ofPlatform()
              .start(
                  () ->
                      workers.call(
                          new CodeSource("return (7n ** 50000000n).toString();", 1000),
                          "{}",
                          "{}"));
      System.out.println("ready");
      stuck.join();
      Thread.sleep(Duration.ofMinutes(5));
    }
  }

  @Test
  void withoutGraalJsTheMissingClassIsNamed() {
    String withoutGraal =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !entry.contains("graalvm"))
            .reduce((a, b) -> a + File.pathSeparator + b)
            .orElseThrow();
    assertThatThrownBy(() -> CodeWorkers.start(LIMITS, KernelSandbox.NONE, withoutGraal))
        .isInstanceOf(CodeSandboxException.class)
        .hasMessage(
            "code processors need org/graalvm/polyglot/Context.class on the class path and it is"
                + " not there: add org.graalvm.polyglot:polyglot and org.graalvm.js:js-language, or"
                + " remove the harness's code processors");
  }

  @Test
  void aWorkerThatCannotStartIsAnInfrastructureFailure() {
    KernelSandbox broken =
        new KernelSandbox(Optional.of(Path.of("/usr/bin/false")), Optional.empty());
    try (CodeWorkers workers = CodeWorkers.start(LIMITS, broken)) {
      assertThatThrownBy(() -> workers.call(COUNT, "{\"by\":1}", "{}"))
          .isInstanceOf(CodeSandboxException.class)
          .hasMessageContaining("ended before it was ready");
    }
  }

  private static CodeAnswer.Returned returned(CodeAnswer answer) {
    assertThat(answer).isInstanceOf(CodeAnswer.Returned.class);
    return (CodeAnswer.Returned) answer;
  }

  /** The worker processes of this one: no test runs while another does. */
  private static List<ProcessHandle> workers() {
    return ProcessHandle.current().descendants().toList();
  }
}
