package dev.tandem.trainer.model.torch;

import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The threads on which every native call of a decoder runs.
 *
 * <p>libtorch's grad mode, its operator threads and the graph executor's optimiser are all state of
 * the calling thread. Owning the threads means setting that state once, and never touching a
 * caller's.
 */
public final class Workers implements AutoCloseable {

  private final ExecutorService threads;
  private final ExecutorService reducer;
  private final ExecutorService helpers;
  private final int shares;
  private final int limit;

  public Workers(int count, int threadsPerWorker) {
    limit = 2 * count;
    threads = pool(count, "decoder-worker", threadsPerWorker);
    reducer = pool(1, "decoder-reducer", threadsPerWorker);
    shares = threadsPerWorker;
    helpers = pool(Math.max(1, count * (threadsPerWorker - 1)), "decoder-helper", Runnable::run);
  }

  private static ExecutorService pool(int count, String name, int threadsPerWorker) {
    return pool(
        count,
        name,
        task -> {
          prepareThread(threadsPerWorker);
          task.run();
        });
  }

  private static ExecutorService pool(int count, String name, Consumer<Runnable> life) {
    return Executors.newFixedThreadPool(
        count, task -> Thread.ofPlatform().name(name).daemon().unstarted(() -> life.accept(task)));
  }

  private static void prepareThread(int threadsPerWorker) {
    JniUtils.setGradMode(true);
    // The optimiser would wrap code in graphs that forget the grad mode set inside a script, and
    // makes first calls slow.
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setNumThreads(threadsPerWorker);
  }

  /**
   * Runs {@code work} for every item on the worker threads; {@code consume} sees the results in the
   * items' order, on the calling thread. Few results wait at any time. A failure is thrown once no
   * work is running any more.
   */
  public <T, R> void forEachInOrder(List<T> items, Function<T, R> work, Consumer<R> consume) {
    Deque<Future<R>> pending = new ArrayDeque<>();
    int submitted = 0;
    try {
      for (int consumed = 0; consumed < items.size(); consumed++) {
        while (submitted < items.size() && pending.size() < limit) {
          T item = items.get(submitted++);
          pending.add(threads.submit(() -> work.apply(item)));
        }
        consume.accept(await(pending.remove()));
      }
    } finally {
      pending.forEach(Workers::awaitEnd);
    }
  }

  /** Runs {@code work} for every item on the worker threads; the results keep the items' order. */
  public <T, R> List<R> map(List<T> items, Function<T, R> work) {
    List<R> results = new ArrayList<>(items.size());
    forEachInOrder(items, work, results::add);
    return results;
  }

  /**
   * Runs one short piece of work at once, beside the workers: nothing native runs on a caller's
   * thread.
   */
  public <R> R call(Supplier<R> work) {
    return await(reducer.submit(work::get));
  }

  /** A part of a loop. */
  @FunctionalInterface
  public interface Range {
    void run(int from, int to);
  }

  /**
   * Runs a loop's parts at once, for a worker: on its own thread and on as many more as libtorch
   * has for its operators. The parts must be independent and call nothing native.
   */
  public void share(int count, Range loop) {
    int part = Math.max(1, Math.ceilDiv(count, shares));
    List<Future<?>> others = new ArrayList<>();
    for (int from = part; from < count; from += part) {
      int start = from;
      int end = Math.min(count, start + part);
      others.add(helpers.submit(() -> loop.run(start, end)));
    }
    try {
      loop.run(0, Math.min(part, count));
    } finally {
      others.forEach(Workers::awaitEnd);
    }
    others.forEach(Workers::await);
  }

  private static <R> R await(Future<R> future) {
    awaitEnd(future);
    return switch (future.state()) {
      case SUCCESS -> future.resultNow();
      case FAILED -> {
        switch (future.exceptionNow()) {
          case RuntimeException failure -> throw failure;
          case Error failure -> throw failure;
          case Throwable failure -> throw new IllegalStateException("a worker failed", failure);
        }
      }
      case CANCELLED, RUNNING ->
          throw new IllegalStateException("a worker's task ended as " + future.state());
    };
  }

  /**
   * Waits for the end, whatever it is. A native call cannot be interrupted, so an interrupt is kept
   * for later.
   */
  private static void awaitEnd(Future<?> future) {
    boolean interrupted = false;
    while (!future.isDone()) {
      try {
        future.get();
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        break; // the caller reads the failure from the future's state
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for running work, then ends the threads. */
  @Override
  public void close() {
    threads.close();
    reducer.close();
    helpers.close();
  }
}
