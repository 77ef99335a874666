package dev.tandem.harness.code;

import dev.tandem.harness.value.Bystander;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.jspecify.annotations.Nullable;

/**
 * A pool of worker processes, started ahead and replaced when lost. A worker serves one call at a
 * time and any number of episodes: it keeps compiled sources and nothing else, so that which worker
 * serves a call makes no difference to its answer.
 *
 * <p>The pool bears on nothing that code does: its limits end the episodes of whoever meets them.
 *
 * <p>Closing the pool ends its processes. Should this process be killed instead, their standard
 * input ends, and so do they.
 */
public final class CodeWorkers implements AutoCloseable, Bystander {
  private static final Logger LOG = System.getLogger(CodeWorkers.class.getName());

  private final CodeLimits limits;
  private final WorkerCommand command;
  private final boolean isolated;

  /** As many as there are workers; one is taken out for the time of a call. */
  private final BlockingQueue<CompletableFuture<CodeWorker>> idle;

  /**
   * Starts every worker on one thread that lives as long as the pool: bubblewrap ends a process
   * when the thread that started it does.
   */
  private final ExecutorService launcher =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("code-worker-launcher").factory());

  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("code-worker-timer").factory());

  private final Set<CodeWorker> running = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  private CodeWorkers(CodeLimits limits, WorkerCommand command, boolean isolated) {
    this.limits = limits;
    this.isolated = isolated;
    this.command = command;
    timer.setRemoveOnCancelPolicy(true);
    idle = new ArrayBlockingQueue<>(limits.workers());
    for (int i = 0; i < limits.workers(); i++) {
      idle.add(launch());
    }
  }

  /**
   * The pool of this process with the default limits, started on first use.
   *
   * @throws CodeSandboxException when GraalJS is not on the class path
   */
  public static CodeWorkers shared() {
    return Shared.pool();
  }

  private static final class Shared {
    private static @Nullable CodeWorkers pool;

    private Shared() {}

    // Not in a static block, whose failure would be told as another one the second time.
    static synchronized CodeWorkers pool() {
      if (pool == null) {
        CodeWorkers started = start(CodeLimits.DEFAULT);
        Runtime.getRuntime().addShutdownHook(new Thread(started::close, "code-workers-end"));
        pool = started;
      }
      return pool;
    }
  }

  /**
   * Begins to start workers, and returns without waiting for them.
   *
   * @throws CodeSandboxException when GraalJS is not on the class path
   */
  public static CodeWorkers start(CodeLimits limits) {
    KernelSandbox sandbox =
        KernelSandbox.detect(System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
    boolean fenced = sandbox.prlimit().isPresent() || sandbox.bubblewrap().isPresent();
    LOG.log(fenced ? Logger.Level.DEBUG : Logger.Level.WARNING, sandbox::describe);
    return start(limits, sandbox);
  }

  static CodeWorkers start(CodeLimits limits, KernelSandbox sandbox) {
    return start(limits, sandbox, System.getProperty("java.class.path"));
  }

  static CodeWorkers start(CodeLimits limits, KernelSandbox sandbox, String classPath) {
    Path javaHome = Path.of(System.getProperty("java.home"));
    return new CodeWorkers(
        limits,
        WorkerCommand.of(limits, sandbox, javaHome, classPath),
        sandbox.bubblewrap().isPresent());
  }

  /** Whether the workers see nothing of the machine but what they need to run. */
  public boolean isIsolated() {
    return isolated;
  }

  /**
   * Calls a source, waiting for a worker where all are busy. The answer depends on the arguments
   * alone, short of the limits on time and memory.
   *
   * @param event JSON
   * @param state JSON, what an earlier call of the episode left
   * @throws CodeSandboxException when no worker can be started, or one was lost over the call
   */
  public CodeAnswer call(CodeSource source, String event, String state) {
    if ((long) source.text().length() + event.length() + state.length()
        > limits.messageBytes() / 4) {
      return new CodeAnswer.Failed(
          "code, event and state are longer than a quarter of %d bytes"
              .formatted(limits.messageBytes()));
    }
    CompletableFuture<CodeWorker> slot;
    try {
      slot = idle.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CodeSandboxException("the wait for a code worker was interrupted", e);
    }
    try {
      CodeWorker worker = slot.join();
      if (worker.isSpent()) {
        // It died while it was idle: that is nobody's call's fault.
        end(worker);
        slot = launch();
        worker = slot.join();
      }
      try {
        return worker.call(source, event, state);
      } finally {
        if (worker.isSpent()) {
          end(worker);
          slot = launch();
        }
      }
    } catch (CompletionException e) {
      slot = launch();
      throw e.getCause() instanceof CodeSandboxException cause
          ? cause
          : new CodeSandboxException("no code worker could be started", e);
    } finally {
      idle.add(slot);
    }
  }

  private CompletableFuture<CodeWorker> launch() {
    if (closed) {
      return CompletableFuture.failedFuture(
          new CodeSandboxException("the code workers are closed: no code can be called any more"));
    }
    return CompletableFuture.supplyAsync(
        () -> {
          CodeWorker worker = CodeWorker.start(command, limits, timer);
          running.add(worker);
          if (closed) {
            end(worker);
          }
          return worker;
        },
        launcher);
  }

  private void end(CodeWorker worker) {
    worker.close();
    running.remove(worker);
  }

  /** Ends every worker, those in the middle of a call included. */
  @Override
  public void close() {
    closed = true;
    launcher.shutdown();
    timer.shutdownNow();
    running.forEach(this::end);
  }
}
