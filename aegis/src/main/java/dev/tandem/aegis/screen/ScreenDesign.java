package dev.tandem.aegis.screen;

import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Says under which harness versions a task's attempts are played: some under the incumbent as it
 * is, the rest under the incumbent with a random subset of changes, each as often as it has a
 * chance to help. A lever of the incumbent is switched off in some, so that there is always
 * something to hold it against.
 *
 * <p>Within a task each change is on in as many arms as its share says, up to rounding, and which
 * ones is drawn for each change alone: effects are estimated within tasks, and a change that is on
 * in all arms of a task, or in none, says nothing there.
 */
public final class ScreenDesign {
  /** All changes of one factor together get no more of the arms than this. */
  private static final double MOST_OF_A_FACTOR = 0.75;

  private final ScreenSettings settings;

  public ScreenDesign(ScreenSettings settings) {
    this.settings = settings;
  }

  /**
   * How often a change is played.
   *
   * @param share of the attempts that are not the incumbent's, in [0, 1)
   * @param effect of the change on the incumbent, as it is known
   */
  public record Share(Factor factor, String level, double share, Effect effect) {
    public Lever lever() {
      return new Lever(factor.id(), level);
    }
  }

  /**
   * The shares of all changes that the factors offer.
   *
   * @param blocked levers that must not play
   */
  public List<Share> shares(
      Assignment incumbent, Collection<Factor> factors, Posterior posterior, Set<Lever> blocked) {
    List<Share> all = new ArrayList<>();
    for (Factor factor : factors) {
      List<Share> changes = new ArrayList<>();
      double sum = 0;
      for (String level : factor.levels()) {
        if (!level.equals(incumbent.level(factor))
            && !blocked.contains(new Lever(factor.id(), level))) {
          Effect effect = posterior.effect(incumbent, incumbent.with(factor, level));
          boolean off = level.equals(factor.reference());
          Share share = new Share(factor, level, share(effect, off), effect);
          changes.add(share);
          sum += share.share;
        }
      }
      double scale = Math.min(1, MOST_OF_A_FACTOR / Math.max(sum, 1e-9));
      changes.forEach(one -> all.add(new Share(factor, one.level, one.share * scale, one.effect)));
    }
    return all;
  }

  private double share(Effect effect, boolean off) {
    double helps = effect.probabilityAbove(0);
    double wanted = settings.highest() * helps;
    if (off) {
      return Math.max(settings.off(), wanted);
    }
    if (helps < settings.harmful()) {
      return settings.floor() * helps;
    }
    double most = isUnknown(effect) ? settings.unknown() : settings.highest();
    return Math.min(most, Math.max(settings.floor(), wanted));
  }

  private boolean isUnknown(Share share) {
    return isUnknown(share.effect);
  }

  private boolean isUnknown(Effect effect) {
    return effect.deviation() > settings.uncertain();
  }

  /**
   * The versions of one task's attempts, the incumbent's first.
   *
   * @param attempts at least 1
   * @param seed of the round; the same seed and task give the same arms
   */
  public List<Assignment> arms(
      Assignment incumbent, List<Share> shares, int attempts, long seed, String task) {
    SplittableRandom random =
        new SplittableRandom(RandomStreams.derive(seed, "screen", task, attempts));
    int plain = (int) Math.max(1, Math.round(settings.incumbentShare() * attempts));
    int others = Math.max(0, attempts - plain);
    List<List<Share>> changes = new ArrayList<>();
    for (int i = 0; i < others; i++) {
      changes.add(new ArrayList<>());
    }
    for (int first = 0; first < shares.size(); ) {
      int next = first;
      while (next < shares.size() && shares.get(next).factor.equals(shares.get(first).factor)) {
        next++;
      }
      spread(shares.subList(first, next), changes, random);
      first = next;
    }
    List<Assignment> arms = new ArrayList<>();
    for (int i = 0; i < attempts - others; i++) {
      arms.add(incumbent);
    }
    for (List<Share> switched : changes) {
      List<Share> unknown = new ArrayList<>(switched.stream().filter(this::isUnknown).toList());
      while (unknown.size() > settings.mostUnknown()) {
        switched.remove(unknown.remove(random.nextInt(unknown.size())));
      }
      Assignment arm = incumbent;
      for (Share change : switched) {
        arm = arm.with(change.factor, change.level);
      }
      arms.add(arm);
    }
    return arms;
  }

  /** Gives one factor's changes to as many arms as their shares say, no arm more than one. */
  private static void spread(
      List<Share> ofFactor, List<List<Share>> arms, SplittableRandom random) {
    int[] order = new int[arms.size()];
    for (int i = 0; i < order.length; i++) {
      int at = random.nextInt(i + 1);
      order[i] = order[at];
      order[at] = i;
    }
    int used = 0;
    for (Share change : ofFactor) {
      double wanted = change.share * order.length;
      int count = (int) Math.floor(wanted);
      count += random.nextDouble() < wanted - count ? 1 : 0;
      for (int i = 0; i < count && used < order.length; i++) {
        arms.get(order[used++]).add(change);
      }
    }
  }
}
