package dev.tandem.harness.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made of the tools that a machine has, and of those that it has not. */
final class KernelSandboxTest {
  private static final CodeLimits LIMITS =
      new CodeLimits(1, Duration.ofSeconds(5), 128, 3072, Duration.ofMinutes(5), 1 << 20);

  @Test
  void withoutToolsTheCommandStaysAndTheLogNamesBoth() {
    KernelSandbox none = KernelSandbox.detect("/nonexistent");
    assertThat(none).isEqualTo(KernelSandbox.NONE);
    assertThat(none.wrap(List.of("java", "Main"), List.of(), LIMITS))
        .containsExactly("java", "Main");
    assertThat(none.describe()).contains("without any kernel sandbox").contains("bwrap");
  }

  @Test
  void aToolThatIsThereButNotAllowedIsNotUsed(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("bwrap"), "#!/bin/sh\nexit 1\n");
    Files.setPosixFilePermissions(
        folder.resolve("bwrap"), PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(KernelSandbox.detect(folder.toString())).isEqualTo(KernelSandbox.NONE);
  }

  @Test
  void resourcesAreLimitedInsideAndTheMachineIsReadOnlyOutside() {
    KernelSandbox both =
        new KernelSandbox(Optional.of(Path.of("/p/prlimit")), Optional.of(Path.of("/b/bwrap")));
    List<String> command =
        both.wrap(List.of("/jdk/bin/java", "Main"), List.of(Path.of("/jdk")), LIMITS);
    assertThat(command)
        .startsWith("/b/bwrap", "--unshare-all", "--die-with-parent")
        .containsSubsequence("--ro-bind", "/jdk", "/jdk", "--", "/p/prlimit")
        .containsSubsequence("--as=3221225472", "--cpu=300", "--fsize=0", "--", "/jdk/bin/java")
        .doesNotContain("--bind", "--share-net");
  }

  @Test
  void aWorkerUnderPrlimitHasTheLimitsItWasGiven() throws IOException {
    KernelSandbox sandbox = KernelSandbox.detect("/usr/bin:/bin");
    assumeTrue(sandbox.prlimit().isPresent(), "prlimit is not installed");
    assumeTrue(sandbox.bubblewrap().isEmpty(), "the worker is in a name space of its own");
    try (CodeWorkers workers = CodeWorkers.start(LIMITS)) {
      workers.call(new CodeSource("return 1;", 1000), "{}", "{}");
      ProcessHandle worker = ProcessHandle.current().children().findFirst().orElseThrow();
      String limits = Files.readString(Path.of("/proc", "" + worker.pid(), "limits"));
      assertThat(limits)
          .containsPattern("Max address space +3221225472 ")
          .containsPattern("Max cpu time +300 ")
          .containsPattern("Max file size +0 ")
          .containsPattern("Max open files +64 ");
      assertThat(Files.readString(Path.of("/proc", "" + worker.pid(), "environ")))
          .isEqualTo("MALLOC_ARENA_MAX=1\0");
    }
  }
}
