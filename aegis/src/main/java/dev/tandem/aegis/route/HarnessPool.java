package dev.tandem.aegis.route;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.value.CanonicalJson;
import dev.tandem.harness.value.ContentHash;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Harnesses and which kind of task each of them serves: what is deployed, as one file. A plain
 * harness is a pool of one.
 *
 * <pre>{@code
 * default: default
 * routes:
 *   heat: r0005-1
 * variants:
 *   default:
 *     hash: 5f1c..
 *     harness:
 *       processors: ..
 *   r0005-1: ..
 * }</pre>
 *
 * @param fallback the id of the member that serves every kind of task which no other does
 * @param members at least one, with different ids, no two serving the same kind of task
 */
public record HarnessPool(String fallback, List<Member> members) {
  /**
   * A harness of the pool.
   *
   * @param clusters the kinds of task that are routed to it
   */
  public record Member(String id, SortedSet<String> clusters, HarnessConfig harness) {
    public Member {
      clusters = Collections.unmodifiableSortedSet(new TreeSet<>(clusters));
    }
  }

  public HarnessPool {
    members = List.copyOf(members);
    Set<String> ids = new HashSet<>();
    Set<String> served = new HashSet<>();
    for (Member member : members) {
      if (!ids.add(member.id()) || !Collections.disjoint(served, member.clusters())) {
        throw new IllegalArgumentException(
            "variant %s is in the pool twice, or serves a kind of task that another serves"
                .formatted(member.id()));
      }
      served.addAll(member.clusters());
    }
    if (!ids.contains(fallback)) {
      throw new IllegalArgumentException(
          "the default '%s' must be one of the variants, which are %s"
              .formatted(fallback, new TreeSet<>(ids)));
    }
  }

  /** One harness for everything. */
  public static HarnessPool of(HarnessConfig harness) {
    return new HarnessPool(
        VariantPool.DEFAULT,
        List.of(new Member(VariantPool.DEFAULT, Collections.emptySortedSet(), harness)));
  }

  /**
   * Reads a pool, or a plain harness.
   *
   * @param source what the text is called in errors, such as a file name
   * @throws dev.tandem.harness.value.HarnessException with source and what is wrong
   */
  public static HarnessPool parse(String text, String source, ProcessorRegistry registry) {
    return new HarnessPoolParser(source, registry).parse(text);
  }

  /** The router: the harness for a kind of task. */
  public HarnessConfig serving(String cluster) {
    return members.stream()
        .filter(member -> member.clusters().contains(cluster))
        .findFirst()
        .map(Member::harness)
        .orElseGet(this::base);
  }

  /** The harness of whatever has no route. */
  public HarnessConfig base() {
    return members.stream()
        .filter(member -> member.id().equals(fallback))
        .findFirst()
        .orElseThrow()
        .harness();
  }

  /** Who serves which kind of task, the default's left out. */
  public SortedMap<String, String> routes() {
    SortedMap<String, String> routes = new TreeMap<>();
    members.forEach(member -> member.clusters().forEach(one -> routes.put(one, member.id())));
    return routes;
  }

  /** Content hash of what the pool does: a pool of one has its harness's. */
  public String hash(ProcessorRegistry registry) {
    if (members.size() == 1) {
      return base().hash(registry);
    }
    SortedMap<String, Object> form = new TreeMap<>();
    routes().keySet().forEach(one -> form.put("route " + one, serving(one).hash(registry)));
    form.put("default", base().hash(registry));
    return ContentHash.sha256(CanonicalJson.write(form));
  }

  /** As a file, which {@link #parse} reads. */
  public String toYaml(ProcessorRegistry registry) {
    StringBuilder out =
        new StringBuilder(
            "# A pool of harnesses: the default plays every kind of task that no route names.\n");
    out.append("default: ").append(quoted(fallback)).append('\n');
    SortedMap<String, String> routes = routes();
    out.append(routes.isEmpty() ? "routes: {}\n" : "routes:\n");
    routes.forEach(
        (cluster, id) ->
            out.append("  ").append(quoted(cluster)).append(": ").append(quoted(id)).append('\n'));
    out.append("variants:\n");
    for (Member member : members) {
      out.append("  ").append(quoted(member.id())).append(":\n");
      out.append("    hash: ").append(quoted(member.harness().hash(registry))).append('\n');
      out.append("    harness:\n");
      for (String line : member.harness().toYaml().split("\n", -1)) {
        out.append(line.isEmpty() ? "" : "      " + line).append('\n');
      }
      out.setLength(out.length() - 1); // the last line ends with a newline already
    }
    return out.toString();
  }

  private static String quoted(String text) {
    return CanonicalJson.write(text);
  }
}
