package dev.tandem.aegis.evolve;

import dev.tandem.aegis.screen.Lever;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a run knows of its meta-agent: what it has cost, and what need not be proposed again.
 *
 * @param tokens of prompts and answers
 * @param money in the currency of the prices
 * @param closed whether it is not asked any more, which was said when it was closed
 * @param refused levers that may not play, sorted
 */
public record MetaAccount(long tokens, double money, boolean closed, List<Lever> refused) {
  /** Nothing was spent. */
  public static final MetaAccount OPENED = new MetaAccount(0, 0, false, List.of());

  public MetaAccount {
    refused = List.copyOf(refused);
  }

  /** After an answer. */
  public MetaAccount spent(long moreTokens, double moreMoney) {
    return new MetaAccount(tokens + moreTokens, money + moreMoney, closed, refused);
  }

  /** Nobody is asked any more. */
  public MetaAccount close() {
    return new MetaAccount(tokens, money, true, refused);
  }

  /** With more levers that may not play. */
  public MetaAccount refusing(Collection<Lever> more) {
    return new MetaAccount(
        tokens,
        money,
        closed,
        List.copyOf(new TreeSet<>(Stream.concat(refused.stream(), more.stream()).toList())));
  }
}
