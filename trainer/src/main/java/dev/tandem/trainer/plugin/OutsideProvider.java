package dev.tandem.trainer.plugin;

import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.Price;
import dev.tandem.rollout.spi.CompletionSession;
import dev.tandem.rollout.spi.ModelProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A provider from a plugin. Its weights' name has the hash of its code and parameters behind it, so
 * that what changed code answered is on record as another model's; and its answers cost what the
 * recipe says.
 *
 * @param checkpoint that name
 * @param farewell how long closing may take
 */
record OutsideProvider(ModelProvider inner, String checkpoint, Price price, Duration farewell)
    implements ModelProvider {
  @Override
  public List<Model.Answer> complete(List<Model.Request> requests) {
    return inner.complete(requests).stream().map(this::priced).toList();
  }

  @Override
  public CompletionSession session(int concurrency) {
    return new PricedSession(inner.session(concurrency), this);
  }

  private Model.Answer priced(Model.Answer answer) {
    return switch (answer) {
      case Model.Answer.Completed(Model.Completion completion) ->
          Model.Answer.of(
              new Model.Completion(
                  completion.text(),
                  completion.toolUses(),
                  completion.tokens(),
                  priced(completion.usage()),
                  completion.finish()));
      case Model.Answer.Failed failed -> failed;
    };
  }

  private Model.Usage priced(Model.Usage usage) {
    return new Model.Usage(
        usage.promptTokens(), usage.responseTokens(), usage.money() + price.of(usage));
  }

  /** A session whose answers cost something. */
  private record PricedSession(CompletionSession inner, OutsideProvider provider)
      implements CompletionSession {
    @Override
    public void submit(long key, Model.Request request) {
      inner.submit(key, request);
    }

    @Override
    public List<Finished> advance() {
      return inner.advance().stream()
          .map(one -> new Finished(one.key(), provider.priced(one.answer())))
          .toList();
    }

    @Override
    public void wake() {
      inner.wake();
    }

    @Override
    public void close() {
      inner.close();
    }
  }

  /** What hangs in closing is left behind; nobody needs it any more. */
  @Override
  public void close() {
    FutureTask<@Nullable Void> closing = new FutureTask<>(inner::close, null);
    Thread.ofPlatform().name("provider-close").daemon().start(closing);
    try {
      closing.get(farewell.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      closing.cancel(true);
    } catch (InterruptedException e) {
      closing.cancel(true);
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException("the provider did not close", e);
      }
    }
  }
}
