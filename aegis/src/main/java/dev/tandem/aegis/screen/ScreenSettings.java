package dev.tandem.aegis.screen;

/**
 * How a task's attempts are spread over harness versions.
 *
 * @param incumbentShare of the attempts played under the incumbent as it is, in [0, 1)
 * @param highest share of the other attempts that any change gets, in (0, 1)
 * @param floor least share of a change that is not clearly harmful, so that exploration never ends,
 *     in [0, highest]
 * @param unknown most that a change gets whose effect is hardly known, so that a blunder cannot
 *     ruin a round, in [floor, highest]
 * @param off share of the other attempts in which a lever of the incumbent is switched off, in [0,
 *     highest]
 * @param harmful chance of helping below which a change is clearly harmful and gets no more than
 *     that chance's share of {@code floor}, in [0, 1)
 * @param uncertain standard deviation of an effect above which it counts as hardly known, above 0
 * @param mostUnknown most changes in one arm whose effect is hardly known, at least 1: an arm of
 *     nothing but surprises fails whatever each of them is worth, and tells nothing
 */
public record ScreenSettings(
    double incumbentShare,
    double highest,
    double floor,
    double unknown,
    double off,
    double harmful,
    double uncertain,
    int mostUnknown) {
  public static final ScreenSettings DEFAULTS =
      new ScreenSettings(0.25, 0.6, 0.15, 0.3, 0.2, 0.03, 0.035, 4);

  public ScreenSettings {
    if (!(incumbentShare >= 0 && incumbentShare < 1)) {
      throw new IllegalArgumentException(
          "incumbent_share must be at least 0 and below 1, was " + incumbentShare);
    }
    if (!(0 <= floor && floor <= unknown && unknown <= highest && highest < 1)) {
      throw new IllegalArgumentException(
          "shares must rise from floor %s over unknown %s to highest %s, below 1"
              .formatted(floor, unknown, highest));
    }
    if (!(off >= 0 && off <= highest)) {
      throw new IllegalArgumentException(
          "off must be at least 0 and at most the highest share %s, was %s"
              .formatted(highest, off));
    }
    if (!(harmful >= 0 && harmful < 1)) {
      throw new IllegalArgumentException("harmful must be at least 0 and below 1, was " + harmful);
    }
    if (!(uncertain > 0)) {
      throw new IllegalArgumentException("uncertain must be above 0, was " + uncertain);
    }
    if (mostUnknown < 1) {
      throw new IllegalArgumentException("most_unknown must be at least 1, was " + mostUnknown);
    }
  }
}
