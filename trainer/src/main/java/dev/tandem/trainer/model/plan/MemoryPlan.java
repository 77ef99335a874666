package dev.tandem.trainer.model.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The memory that a kind of work takes at its peak, what the process takes without a model aside.
 *
 * @param parts what it is for; those without any bytes are left out
 */
public record MemoryPlan(List<Part> parts) {

  /**
   * A part of it.
   *
   * @param name such as {@code weights}
   */
  public record Part(String name, long bytes) {}

  /** Leaves out what is nothing. */
  public MemoryPlan {
    parts = parts.stream().filter(part -> part.bytes() > 0).toList();
  }

  /** All parts' bytes. */
  public long bytes() {
    return parts.stream().mapToLong(Part::bytes).sum();
  }

  /** A part's bytes; 0 if there is no such part. */
  public long bytes(String name) {
    return parts.stream().filter(one -> one.name().equals(name)).mapToLong(Part::bytes).sum();
  }

  /**
   * The parts in one line, in GB of a billion bytes.
   *
   * @param decimals of a number
   */
  public String text(int decimals) {
    return parts.stream()
        .map(
            part ->
                String.format(
                    Locale.ROOT, "%s %." + decimals + "f", part.name(), part.bytes() / 1e9))
        .collect(Collectors.joining(", "));
  }

  MemoryPlan with(String name, long bytes) {
    List<Part> more = new ArrayList<>(parts);
    more.add(new Part(name, bytes));
    return new MemoryPlan(more);
  }
}
