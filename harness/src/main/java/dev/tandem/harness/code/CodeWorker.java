package dev.tandem.harness.code;

import dev.tandem.harness.code.worker.Wire;
import dev.tandem.harness.code.worker.Wire.Frame;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** One worker process as its parent sees it. Used by one thread at a time. */
final class CodeWorker implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final int MOST_COMPLAINTS = 2000;

  /** A worker that was busy for this part of its processor time is replaced. */
  private static final int BUSY_PART = 4;

  private final Process process;
  private final InputStream in;
  private final OutputStream out;
  private final CodeLimits limits;
  private final ScheduledExecutorService timer;
  private final Set<String> loaded = new HashSet<>();
  private long busyNanos;
  private boolean spent;

  private CodeWorker(Process process, CodeLimits limits, ScheduledExecutorService timer) {
    this.process = process;
    this.limits = limits;
    this.timer = timer;
    in = new BufferedInputStream(process.getInputStream());
    out = process.getOutputStream();
  }

  /**
   * Starts a process and waits until it is ready.
   *
   * @param timer kills the process when a call takes too long
   * @throws CodeSandboxException when it does not become ready
   */
  static CodeWorker start(
      WorkerCommand command, CodeLimits limits, ScheduledExecutorService timer) {
    ProcessBuilder builder = new ProcessBuilder(command.arguments());
    builder.environment().clear();
    // Without this, glibc reserves 64 MiB of addresses for each thread.
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    CodeWorker worker;
    StringBuilder complaints = new StringBuilder();
    try {
      Process process = builder.start();
      drain(process.getErrorStream(), complaints);
      worker = new CodeWorker(process, limits, timer);
    } catch (IOException e) {
      throw new CodeSandboxException("no code worker can be started: " + e.getMessage(), e);
    }
    try {
      Frame hello = worker.exchange(List.of(), START);
      if (hello.kind() != Wire.READY) {
        worker.close();
        throw new CodeSandboxException("a code worker refused to work: " + hello.texts());
      }
      return worker;
    } catch (IOException e) {
      worker.close();
      throw new CodeSandboxException(
          "a code worker ended before it was ready, and said: " + said(complaints), e);
    }
  }

  /** Whether it must be replaced. */
  boolean isSpent() {
    return spent || !process.isAlive() || busyNanos > limits.cpuTime().toNanos() / BUSY_PART;
  }

  /**
   * Calls a source; whatever that does to the worker, it ends within the wall clock.
   *
   * @throws CodeSandboxException when the worker was lost over it
   */
  CodeAnswer call(CodeSource source, String event, String state) {
    Frame call = new Frame(Wire.CALL, source.statements(), List.of(source.hash(), event, state));
    List<Frame> requests =
        loaded.add(source.hash())
            ? List.of(Frame.of(Wire.LOAD, source.hash(), source.text()), call)
            : List.of(call);
    Duration patience = limits.wallClock().multipliedBy(Wire.patience(source.statements()));
    long start = System.nanoTime();
    Frame answer;
    try {
      answer = exchange(requests, patience);
    } catch (IOException e) {
      boolean late = System.nanoTime() - start >= patience.toNanos();
      close();
      throw new CodeSandboxException(
          late
              ? "a call of code took more than " + patience.toMillis() + " ms"
              : "a call of code took its worker down: " + e.getMessage(),
          e);
    }
    busyNanos += System.nanoTime() - start;
    if (answer.kind() == Wire.RETURNED && answer.texts().size() == 2) {
      return new CodeAnswer.Returned(answer.texts().get(0), answer.texts().get(1));
    }
    return new CodeAnswer.Failed(String.join(" ", answer.texts()));
  }

  @Override
  public void close() {
    spent = true;
    process.destroyForcibly();
  }

  /** Sends requests and waits for the answer; the process is killed when it does not come. */
  private Frame exchange(List<Frame> requests, Duration patience) throws IOException {
    Future<?> alarm =
        timer.schedule(
            () -> {
              process.destroyForcibly();
            },
            patience.toNanos(),
            TimeUnit.NANOSECONDS);
    try {
      for (Frame request : requests) {
        Wire.write(out, request, limits.messageBytes());
      }
      return Wire.read(in, limits.messageBytes());
    } finally {
      // An alarm that could not be stopped goes off, after the answer or not.
      spent |= !alarm.cancel(false);
    }
  }

  /** Reads what the process complains of, so that it never waits for a reader; keeps the start. */
  private static void drain(InputStream errors, StringBuilder complaints) {
    Thread.ofPlatform()
        .daemon()
        .name("code-worker-errors")
        .start(
            () -> {
              byte[] buffer = new byte[512];
              try (errors) {
                for (int read = errors.read(buffer); read >= 0; read = errors.read(buffer)) {
                  synchronized (complaints) {
                    if (complaints.length() < MOST_COMPLAINTS) {
                      complaints.append(new String(buffer, 0, read, StandardCharsets.UTF_8));
                    }
                  }
                }
              } catch (IOException e) {
                // The process is gone.
              }
            });
  }

  private static String said(StringBuilder complaints) {
    synchronized (complaints) {
      return complaints.isEmpty() ? "nothing" : complaints.toString().strip();
    }
  }
}
