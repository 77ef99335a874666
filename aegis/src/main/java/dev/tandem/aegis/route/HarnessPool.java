package dev.tandem.aegis.route;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.value.CanonicalJson;
import dev.tandem.harness.value.ContentHash;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

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
    return hash(member -> member.harness().hash(registry));
  }

  /**
   * The same where the members' hashes are known.
   *
   * @param hashes of the members' harnesses
   */
  public String hash(Function<Member, String> hashes) {
    SortedMap<String, Object> form = new TreeMap<>();
    for (Member member : members) {
      String hash = hashes.apply(member);
      if (members.size() == 1) {
        return hash;
      }
      member.clusters().forEach(cluster -> form.put("route " + cluster, hash));
      if (member.id().equals(fallback)) {
        form.put("default", hash);
      }
    }
    return ContentHash.sha256(CanonicalJson.write(form));
  }

  /** As a file, which {@link #parse} reads. */
  public String toYaml(ProcessorRegistry registry) {
    return toYaml(member -> Optional.of(member.harness().hash(registry)));
  }

  /** A pool of one as the plain harness that it is, any other as {@link #toYaml}. */
  public String toFile(ProcessorRegistry registry) {
    return members.size() == 1 ? base().toYaml() : toYaml(registry);
  }

  /**
   * As a file.
   *
   * @param hashes of the members, as far as they are known
   */
  public String toYaml(Function<Member, Optional<String>> hashes) {
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
      hashes
          .apply(member)
          .ifPresent(hash -> out.append("    hash: ").append(quoted(hash)).append('\n'));
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
