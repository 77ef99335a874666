package dev.tandem.rollout.run;

import dev.tandem.rollout.spi.ModelProvider;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The thread on which a provider's code runs, one call after the other. A call that takes too long
 * is interrupted; one that does not return even so keeps this thread for as long as it likes, and
 * nobody else. The provider is stuck then, and is never called again.
 */
final class ProviderThread implements AutoCloseable {
  private final ModelProvider provider;
  private final Duration patience;
  private final Duration grace;
  private final ExecutorService executor;
  private final String checkpoint;
  private volatile @Nullable Thread thread;
  private volatile Optional<String> stuck = Optional.empty();

  /**
   * Begins with asking for the name of the weights.
   *
   * @param patience how long one call may take until it is interrupted
   * @param grace how long after that it is waited for
   */
  ProviderThread(ModelProvider provider, Duration patience, Duration grace) {
    this.provider = provider;
    this.patience = patience;
    this.grace = grace;
    this.executor =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread made = Thread.ofPlatform().name("model-calls").daemon().unstarted(work);
              thread = made;
              return made;
            });
    this.checkpoint =
        call(() -> Objects.requireNonNullElse(provider.checkpoint(), ""), /* name= */ "")
                instanceof Called.Returned<String>(String name, boolean _)
            ? name
            : "";
  }

  /** What a call came to. */
  sealed interface Called<R> {
    /**
     * It returned.
     *
     * @param late whether after it was interrupted
     */
    record Returned<R>(R value, boolean late) implements Called<R> {}

    /**
     * It threw something.
     *
     * @param late whether after it was interrupted
     */
    record Threw<R>(Throwable cause, boolean late) implements Called<R> {}

    /** It has not come back, or was not made because an earlier one has not. */
    record Stuck<R>(String sentence) implements Called<R> {}
  }

  ModelProvider provider() {
    return provider;
  }

  /** The name of the weights; empty where the provider could not tell. */
  String checkpoint() {
    return checkpoint;
  }

  Duration patience() {
    return patience;
  }

  /** Why the provider is not called any more; empty as long as it is. */
  Optional<String> stuck() {
    return stuck;
  }

  /** Makes a call and waits for its end; for one thread. */
  <R> Called<R> call(Callable<R> work) {
    return call(work, checkpoint);
  }

  private <R> Called<R> call(Callable<R> work, String name) {
    if (stuck.isPresent()) {
      return new Called.Stuck<>(stuck.get());
    }
    Future<R> call = executor.submit(work);
    boolean late = !ends(call, patience);
    if (late) {
      Thread inside = thread;
      if (inside != null) {
        inside.interrupt();
      }
      if (!ends(call, grace)) {
        String sentence = sentence(name);
        stuck = Optional.of(sentence);
        return new Called.Stuck<>(sentence);
      }
    }
    return call.state() == Future.State.SUCCESS
        ? new Called.Returned<>(call.resultNow(), late)
        : new Called.Threw<>(call.exceptionNow(), late);
  }

  private String sentence(String name) {
    return "the model provider '%s' did not return from a call within its deadline of %s s, nor when it was interrupted, and is not called any more"
        .formatted(
            name.isEmpty() ? provider.getClass().getName() : name, patience.toMillis() / 1000.0);
  }

  /** Whether a call ends in time; an interrupt of who waits is kept for later. */
  private static boolean ends(Future<?> call, Duration time) {
    long end = System.nanoTime() + time.toNanos();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          call.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
          return true;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (TimeoutException e) {
          return call.isDone();
        } catch (ExecutionException e) {
          return true; // what it threw is read from its state
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Ends the thread, unless the provider has it. */
  @Override
  public void close() {
    if (stuck.isPresent()) {
      executor.shutdown();
    } else {
      executor.close();
    }
  }
}
