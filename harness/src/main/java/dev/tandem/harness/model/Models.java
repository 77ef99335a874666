package dev.tandem.harness.model;

import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Identified;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * A {@link ModelConfig} at work: one model per role, which retries and falls back as the
 * configuration says and tells what every answer cost. As a service of a harness it gives
 * processors the judge, on the account of the episode that asks.
 */
public final class Models implements Identified {
  private final Map<ModelRole, Model> byRole;
  private final String contentHash;

  private Models(Map<ModelRole, Model> byRole, String contentHash) {
    this.byRole = byRole;
    this.contentHash = contentHash;
  }

  /** How waits are spent; a parameter so that tests need not wait. */
  @FunctionalInterface
  public interface Pause {
    /** Lets the calling thread wait. */
    void await(Duration duration) throws InterruptedException;

    /** Really waits. */
    static Pause sleeping() {
      return Thread::sleep;
    }
  }

  /**
   * Binds a configuration to running models.
   *
   * @param providers by the names that the configuration uses
   * @throws HarnessException with every provider that is not there
   */
  public static Models of(ModelConfig config, Map<String, ? extends Model> providers, Pause pause) {
    List<String> problems = new ArrayList<>();
    Map<ModelRole, Model> byRole = new EnumMap<>(ModelRole.class);
    config
        .roles()
        .forEach(
            (role, names) -> {
              List<Provider> line = new ArrayList<>();
              for (String name : names) {
                Model model = providers.get(name);
                if (model == null) {
                  problems.add(
                      "the role '%s' names the provider '%s': known are %s"
                          .formatted(role.id(), name, providers.keySet()));
                } else {
                  line.add(new Provider(name, model, config.price(name)));
                }
              }
              byRole.put(role, new Line(line, config.retries(), pause));
            });
    if (!problems.isEmpty()) {
      throw new HarnessException(problems);
    }
    return new Models(Collections.unmodifiableMap(byRole), identity(config));
  }

  /** Providers by role. The main model acts, and is on record with every trajectory. */
  private static String identity(ModelConfig config) {
    SortedMap<String, Object> names = new TreeMap<>();
    config.roles().forEach((role, providers) -> names.put(role.id(), providers));
    names.remove(ModelRole.MAIN.id());
    return ContentHash.of(names);
  }

  /** The same roles, each model behind another one, such as one that keeps accounts. */
  public Models behind(BiFunction<ModelRole, Model, Model> other) {
    Map<ModelRole, Model> wrapped = new EnumMap<>(ModelRole.class);
    byRole.forEach((role, model) -> wrapped.put(role, other.apply(role, model)));
    return new Models(Collections.unmodifiableMap(wrapped), contentHash);
  }

  @Override
  public String contentHash() {
    return contentHash;
  }

  /** The model that acts. */
  public Model main() {
    return find(ModelRole.MAIN)
        .orElseThrow(() -> new IllegalStateException("a configuration has a main model"));
  }

  /** The model of a role, where the configuration has one. */
  public Optional<Model> find(ModelRole role) {
    return Optional.ofNullable(byRole.get(role));
  }

  private record Provider(String name, Model model, Price price) {
    Model.Completion complete(Model.Request request) {
      Model.Completion answer = model.complete(request);
      Model.Usage usage = answer.usage();
      return new Model.Completion(
          answer.text(),
          answer.toolUses(),
          answer.tokens(),
          new Model.Usage(
              usage.promptTokens(), usage.responseTokens(), usage.money() + price.of(usage)),
          answer.finish());
    }
  }

  /** Providers in order: each is tried as often as the kind of its failure deserves. */
  private record Line(List<Provider> providers, RetryPolicy retries, Pause pause) implements Model {
    @Override
    public Completion complete(Request request) {
      List<ModelException> failures = new ArrayList<>();
      for (Provider provider : providers) {
        for (int attempt = 1; ; attempt++) {
          try {
            return provider.complete(request);
          } catch (ModelException e) {
            failures.add(e);
            Retry retry = retries.of(e.kind());
            if (attempt >= retry.attempts()) {
              break;
            }
            await(retry.before(attempt));
          }
        }
      }
      throw exhausted(failures);
    }

    private void await(Duration duration) {
      try {
        pause.await(duration);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ModelException("interrupted while waiting to ask the model again", e);
      }
    }

    private ModelException exhausted(List<ModelException> failures) {
      ModelException last = failures.getLast();
      if (failures.size() == 1) {
        return last;
      }
      ModelException all =
          new ModelException(
              last.kind(),
              "no answer from %s after %d attempts, the last failure: %s"
                  .formatted(
                      providers.stream().map(Provider::name).toList(),
                      failures.size(),
                      last.getMessage()),
              last);
      failures.subList(0, failures.size() - 1).forEach(all::addSuppressed);
      return all;
    }
  }
}
