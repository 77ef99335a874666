package dev.tandem.rollout.run;

import dev.tandem.harness.model.Model;
import dev.tandem.rollout.run.ProviderThread.Called;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.CompletionSession.Finished;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A provider's sessions, one after the other as they break, as one that never does: it throws
 * nothing, holds nobody up for ever, and answers each request once, if need be with a failure of
 * its own. For one thread, but for {@link #wake}.
 */
final class GuardedSession implements AutoCloseable {
  private final ProviderThread provider;
  private final int concurrency;
  private final Set<Long> pending = new TreeSet<>();

  /** Each of them excuses one return without an answer. */
  private final AtomicLong wakes = new AtomicLong();

  /** Those that the session has not been told of. */
  private final AtomicLong untold = new AtomicLong();

  private long excused;

  /** Opened, used and closed on the provider's thread. */
  private volatile @Nullable CompletionSession session;

  GuardedSession(ProviderThread provider, int concurrency) {
    this.provider = provider;
    this.concurrency = concurrency;
  }

  /**
   * Hands requests in, in order of their keys, and works until some are answered; all in one call,
   * for changing threads costs more than handing a request in.
   *
   * @param asking none whose asker waits for an answer already
   * @return at least one answer, unless nobody waits or the session was woken
   */
  List<Finished> turn(SortedMap<Long, Model.Request> asking) {
    if (asking.isEmpty() && pending.isEmpty()) {
      return List.of();
    }
    boolean others = !pending.isEmpty();
    pending.addAll(asking.keySet());
    SortedMap<Long, Throwable> refused = new TreeMap<>();
    Called<List<Finished>> called =
        provider.call(
            () -> {
              submit(asking, refused);
              return others || refused.size() < asking.size() ? opened().advance() : List.of();
            });
    return switch (called) {
      case Called.Returned<List<Finished>>(List<Finished> finished, boolean late) -> {
        List<Finished> answers = refused(refused, late);
        for (Finished one : finished) {
          if (pending.remove(one.key())) {
            answers.add(one.answer() == null ? new Finished(one.key(), silent()) : one);
          }
        }
        yield answers.isEmpty() && ++excused > wakes.get() ? broken(nobody(), late) : answers;
      }
      case Called.Threw<List<Finished>>(Throwable cause, boolean late) -> {
        List<Finished> answers = refused(refused, late);
        answers.addAll(broken(cause, late));
        yield answers;
      }
      case Called.Stuck<List<Finished>>(String sentence) -> {
        session = null;
        yield failAll(() -> stuck(sentence));
      }
    };
  }

  private void submit(SortedMap<Long, Model.Request> asking, Map<Long, Throwable> refused) {
    asking.forEach(
        (key, request) -> {
          try {
            opened().submit(key, request);
          } catch (Throwable e) {
            refused.put(key, e);
          }
        });
  }

  private CompletionSession opened() {
    if (provider.stuck().isPresent()) {
      throw new IllegalStateException("the call came back when nobody waited for it any more");
    }
    CompletionSession open = session;
    if (open == null) {
      open =
          Objects.requireNonNull(provider.provider().session(concurrency), "there is no session");
      session = open;
    }
    return open;
  }

  private List<Finished> refused(Map<Long, Throwable> causes, boolean late) {
    List<Finished> answers = new ArrayList<>();
    causes.forEach(
        (key, cause) -> {
          pending.remove(key);
          answers.add(new Finished(key, failed(cause, late)));
        });
    return answers;
  }

  private IllegalStateException nobody() {
    return new IllegalStateException(
        "none of the %d requests that wait was answered".formatted(pending.size()));
  }

  /** The session is of no use any more, and neither is who waits for it. */
  private List<Finished> broken(Throwable cause, boolean late) {
    drop();
    return failAll(() -> failed(cause, late));
  }

  /** A new failure for each asker, since each throws it on a thread of its own. */
  private List<Finished> failAll(Supplier<Model.Answer> failure) {
    List<Finished> answers = pending.stream().map(key -> new Finished(key, failure.get())).toList();
    pending.clear();
    return answers;
  }

  private static Model.Answer silent() {
    return failed(
        Model.FailureKind.INVALID_RESPONSE,
        "the provider left a request unanswered",
        new IllegalStateException("no answer"));
  }

  private static Model.Answer stuck(String sentence) {
    return failed(Model.FailureKind.TIMEOUT, sentence, new IllegalStateException(sentence));
  }

  private Model.Answer failed(Throwable cause, boolean late) {
    if (late) {
      return failed(
          Model.FailureKind.TIMEOUT,
          "the model gave no answer within " + provider.patience(),
          cause);
    }
    return cause instanceof Model.ModelException failure
        ? failed(failure.kind(), Sentences.message(failure), failure)
        : failed(Model.FailureKind.OTHER, "the provider broke: " + Sentences.of(cause), cause);
  }

  private static Model.Answer failed(Model.FailureKind kind, String sentence, Throwable cause) {
    return new Model.Answer.Failed(new Model.ModelException(kind, sentence, cause));
  }

  /**
   * Tells from any thread that there is something new. The session is told on a thread that nobody
   * waits for, since it may be stuck in this, too.
   */
  void wake() {
    wakes.incrementAndGet();
    if (untold.getAndIncrement() == 0) {
      Thread.ofVirtual().name("model-wake").start(this::tell);
    }
  }

  private void tell() {
    long telling;
    do {
      telling = untold.get();
      tell(session);
    } while (untold.addAndGet(-telling) != 0);
  }

  private static void tell(@Nullable CompletionSession open) {
    if (open != null) {
      try {
        open.wake();
      } catch (Throwable e) {
        // It goes on without: what is new waits until it returns.
        return;
      }
    }
  }

  private void drop() {
    CompletionSession open = session;
    session = null;
    if (open != null) {
      // What it throws was broken before, or is of no use any more: the answers count.
      provider.call(Executors.callable(open::close));
    }
  }

  @Override
  public void close() {
    drop();
  }
}
