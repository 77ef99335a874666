package dev.tandem.aegis;

import dev.tandem.aegis.route.Variant;
import dev.tandem.aegis.route.VariantPool;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.harness.config.HarnessConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a bundle changes: a variant for all that it serves, or a part of its tasks, which then have
 * a variant of their own.
 *
 * @param scope the kinds of task that it is about
 */
record Target(Variant variant, ClusterSet scope, boolean forks) {
  static Target whole(VariantPool pool, Variant variant) {
    return new Target(variant, pool.scope(variant), false);
  }

  static Target part(Variant variant, ClusterSet clusters) {
    return new Target(variant, clusters, true);
  }

  /** What a bundle that waited is about in the pool of the day. */
  static Target of(VariantPool pool, ClusterSet scope) {
    if (!scope.only()) {
      return whole(pool, pool.base());
    }
    Variant serving = pool.serving(scope.names().getFirst());
    return serving.clusters().equals(scope.names()) ? whole(pool, serving) : part(serving, scope);
  }

  /** The kinds of task, where they are a variant's; null for the default's. */
  @Nullable List<String> clusters() {
    return scope.only() ? List.copyOf(scope.names()) : null;
  }

  /** Whom a line is about; nothing for the default. */
  String told() {
    return scope.only() ? "for %s: ".formatted(String.join(", ", scope.names())) : "";
  }

  /** The pool in which the bundle is in force. */
  VariantPool shipped(
      VariantPool pool, String bundle, Assignment assignment, HarnessConfig harness) {
    return forks
        ? pool.forked(new Variant(bundle, scope.names(), assignment, harness))
        : pool.with(variant.under(assignment, harness));
  }

  /**
   * What is decided when it ships.
   *
   * @param pool in which it is in force
   */
  Decision decided(VariantPool pool, String bundle, String harness, LogicMap map) {
    List<String> clusters = clusters();
    return clusters == null
        ? new Decision.Shipped(bundle, harness, map)
        : new Decision.Forked(
            bundle, pool.serving(clusters.getFirst()).id(), clusters, harness, map);
  }
}
