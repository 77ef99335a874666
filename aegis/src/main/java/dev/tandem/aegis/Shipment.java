package dev.tandem.aegis;

import dev.tandem.aegis.critique.Portfolio;
import dev.tandem.aegis.critique.Prediction;
import dev.tandem.aegis.critique.Prediction.Score;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.aegis.screen.Lever;
import java.util.List;
import java.util.stream.Stream;

/**
 * A bundle that has shipped, or may yet, with what was said of it.
 *
 * @param round in which it was made
 * @param scope the kinds of task that it is for: a variant's own, or all that have none
 * @param from the harness that serves them then
 * @param to what it made of it
 * @param levers the levels it switched to, the surest first
 * @param claims its predictions, and what became of them
 */
public record Shipment(
    String id,
    int round,
    ClusterSet scope,
    Assignment from,
    Assignment to,
    List<Lever> levers,
    List<Claim> claims) {
  public Shipment {
    levers = List.copyOf(levers);
    claims = List.copyOf(claims);
  }

  /** A prediction, and what became of it. */
  public record Claim(Prediction prediction, Score score) {
    boolean isOpen() {
      return score == Score.OPEN;
    }
  }

  boolean hasOpenClaims() {
    return claims.stream().anyMatch(Claim::isOpen);
  }

  Shipment with(List<Claim> scored) {
    return new Shipment(id, round, scope, from, to, levers, scored);
  }

  /** For the rule on levers that keep shipping without doing what was promised. */
  Stream<Portfolio.Ship> ships() {
    int hits = (int) claims.stream().filter(one -> one.score() == Score.CAME_TRUE).count();
    int scored = (int) claims.stream().filter(one -> !one.isOpen()).count();
    return levers.stream().map(lever -> new Portfolio.Ship(lever, round, hits, scored));
  }
}
