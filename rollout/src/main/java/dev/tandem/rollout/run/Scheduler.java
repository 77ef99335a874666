package dev.tandem.rollout.run;

import dev.tandem.harness.model.Model;
import dev.tandem.rollout.run.Outcome.Participant;
import dev.tandem.rollout.spi.CompletionSession.Finished;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs numbered participants on virtual threads, their model calls through one session, and is
 * stopped by none of them. The thread that calls it starts participants and works the model, each
 * time its pace says so. A participant that outlives its deadline is interrupted; one that does not
 * end even so is abandoned, which is to say that nobody waits for it any more.
 */
final class Scheduler<T> {
  /** How soon to look again at who has used its time up and waits for the model; nanoseconds. */
  private static final long LOOK_AGAIN = 20_000_000;

  private final int count;
  private final Participant<T> participant;
  private final Terms terms;
  private final IntConsumer ended;
  private final GuardedSession session;

  // Guarded by this.
  private final TreeMap<Long, Model.Request> asking = new TreeMap<>();
  private final Map<Long, Attempt> waiting = new HashMap<>();
  private final Set<Attempt> active = new HashSet<>();
  private final List<@Nullable Outcome<T>> outcomes = new ArrayList<>();
  private int busy;
  private int reported;
  private boolean working;

  /**
   * @param concurrency most participants at once
   * @param deadline how long one may take, the time that it waits for the model not counted
   * @param grace how long after its deadline it is waited for
   */
  record Terms(Pace pace, int concurrency, Duration deadline, Duration grace) {}

  private Scheduler(
      int count,
      Participant<T> participant,
      ProviderThread provider,
      Terms terms,
      IntConsumer ended) {
    this.count = count;
    this.participant = participant;
    this.terms = terms;
    this.ended = ended;
    this.session = new GuardedSession(provider, Math.min(count, terms.concurrency()));
  }

  /**
   * Runs participants 0 to {@code count - 1}; a new one starts, in order, when one has ended.
   *
   * @param ended told how many have ended since it was last told
   * @return what became of each
   */
  static <T> List<Outcome<T>> run(
      int count,
      Participant<T> participant,
      ProviderThread provider,
      Terms terms,
      IntConsumer ended) {
    return count == 0
        ? List.of()
        : new Scheduler<>(count, participant, provider, terms, ended).run();
  }

  private List<Outcome<T>> run() {
    try (Watchdog _ = new Watchdog(this::check);
        GuardedSession model = session) {
      while (true) {
        List<Attempt> starting = awaitTurn();
        starting.forEach(this::start);
        report();
        if (!starting.isEmpty()) {
          continue;
        }
        if (!answer(model.turn(takeAsking()))) {
          return takeOutcomes();
        }
      }
    } finally {
      interruptAll();
    }
  }

  /** Waits until it may go on, and takes in whom there is room for. */
  private synchronized List<Attempt> awaitTurn() {
    boolean interrupted = false;
    while (!goesOn()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    List<Attempt> starting = new ArrayList<>();
    while (hasRoom()) {
      Attempt attempt = new Attempt(outcomes.size());
      outcomes.add(null);
      active.add(attempt);
      busy++;
      starting.add(attempt);
    }
    return starting;
  }

  private boolean goesOn() {
    return terms.pace().goesOn(busy, waiting.size(), hasRoom());
  }

  private boolean hasRoom() {
    return outcomes.size() < count && active.size() < terms.concurrency();
  }

  private void start(Attempt attempt) {
    attempt.start(
        () -> {
          Outcome<T> outcome = new Outcome.Threw<>("it never began");
          try {
            attempt.resume();
            T value =
                participant.play(attempt.number, request -> ask(attempt, request), attempt::isAt);
            outcome = new Outcome.Ended<>(value);
          } catch (Throwable e) {
            outcome = new Outcome.Threw<>(Sentences.of(e));
          } finally {
            leave(attempt, outcome);
          }
        });
  }

  private Model.Completion ask(Attempt attempt, Model.Request request) {
    CompletableFuture<Model.Answer> answer = new CompletableFuture<>();
    boolean wake;
    synchronized (this) {
      attempt.requireMayAsk();
      attempt.pause();
      attempt.awaited = answer;
      asking.put((long) attempt.number, request);
      waiting.put((long) attempt.number, attempt);
      busy--;
      wake = signal();
    }
    wake(wake);
    Model.Answer given = answer.join();
    attempt.resume();
    return given.orThrow();
  }

  private void leave(Attempt attempt, Outcome<T> outcome) {
    boolean wake;
    synchronized (this) {
      if (attempt.holdsCarrier) {
        Carriers.freed();
      }
      if (attempt.over) {
        return;
      }
      wake = end(attempt, attempt.overdue() ? attempt.overdue(false) : outcome);
    }
    wake(wake);
  }

  private boolean end(Attempt attempt, Outcome<T> outcome) {
    attempt.pause();
    attempt.over = true;
    active.remove(attempt);
    outcomes.set(attempt.number, outcome);
    if (attempt.awaited == null) {
      busy--;
    } else {
      // It asked from another thread and left, and nobody may wait for ever.
      attempt.awaited.cancel(false);
      attempt.awaited = null;
      asking.remove((long) attempt.number);
      waiting.remove((long) attempt.number);
    }
    return signal();
  }

  /**
   * Something has changed.
   *
   * @return whether the model has to be told, because it is at work
   */
  private boolean signal() {
    if (!goesOn()) {
      return false;
    }
    notifyAll();
    return working;
  }

  private void wake(boolean needed) {
    if (needed) {
      session.wake();
    }
  }

  private synchronized SortedMap<Long, Model.Request> takeAsking() {
    SortedMap<Long, Model.Request> taken = new TreeMap<>(asking);
    asking.clear();
    working = true;
    return taken;
  }

  /**
   * Lets those go on who have an answer; they are busy from now on.
   *
   * @return false when everyone has ended
   */
  private synchronized boolean answer(List<Finished> finished) {
    working = false;
    for (Finished one : finished) {
      Attempt attempt = waiting.remove(one.key());
      if (attempt != null) {
        CompletableFuture<Model.Answer> answer = Objects.requireNonNull(attempt.awaited);
        attempt.awaited = null;
        busy++;
        answer.complete(one.answer());
      }
    }
    return !active.isEmpty() || outcomes.size() < count;
  }

  private void report() {
    int news;
    synchronized (this) {
      int done = outcomes.size() - active.size();
      news = done - reported;
      reported = done;
    }
    if (news > 0) {
      ended.accept(news);
    }
  }

  /** Interrupts who is overdue and abandons who does not care; on the watchdog's thread. */
  private long check(long now) {
    boolean wake = false;
    long next;
    synchronized (this) {
      next = terms.deadline().toNanos();
      for (Attempt attempt : List.copyOf(active)) {
        long left = terms.deadline().toNanos() - attempt.own(now);
        if (attempt.awaited != null) {
          // Whoever waits is not told; it is looked at again when it goes on.
          next = Math.min(next, Math.max(left, LOOK_AGAIN));
          continue;
        }
        if (!attempt.overdue() && left <= 0) {
          attempt.interrupt(now);
        }
        if (attempt.overdue()) {
          left = terms.grace().toNanos() - attempt.overrun(now);
          if (left <= 0) {
            wake |= abandon(attempt);
            continue;
          }
        }
        next = Math.min(next, left);
      }
    }
    wake(wake);
    return next;
  }

  private boolean abandon(Attempt attempt) {
    if (attempt.computes()) {
      attempt.holdsCarrier = true;
      Carriers.stuck();
    }
    return end(attempt, attempt.overdue(true));
  }

  /** Outcomes are large and abandoned threads may outlive the run, so it forgets them. */
  private synchronized List<Outcome<T>> takeOutcomes() {
    List<Outcome<T>> taken = new ArrayList<>(count);
    for (Outcome<T> one : outcomes) {
      taken.add(Objects.requireNonNull(one, "a participant without an outcome"));
    }
    outcomes.replaceAll(_ -> null);
    return taken;
  }

  /** Nobody is left but when this thread itself broke; then they must not play on for nobody. */
  private synchronized void interruptAll() {
    for (Attempt attempt : active) {
      attempt.interrupt(System.nanoTime());
      if (attempt.awaited != null) {
        attempt.awaited.cancel(false);
      }
    }
  }
}
