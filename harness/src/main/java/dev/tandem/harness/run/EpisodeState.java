package dev.tandem.harness.run;

import dev.tandem.harness.Harness;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.spi.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of a running episode share: where it stands, and the record of how it got there.
 */
final class EpisodeState {
  final World world;
  final Budget budget;
  final Account account;
  final EpisodeModels models;

  final List<Turn> turns = new ArrayList<>();
  final List<Step> steps = new ArrayList<>();
  final List<Swap> swaps = new ArrayList<>();

  private Version version;
  private @Nullable Observation observation;
  private int step;

  EpisodeState(World world, Budget budget, Account account, EpisodeModels models, Version version) {
    this.world = world;
    this.budget = budget;
    this.account = account;
    this.models = models;
    this.version = version;
  }

  /** A harness version at work in this episode. */
  record Version(Harness harness, Toolbox toolbox, HookChains chains) {}

  Harness harness() {
    return version.harness();
  }

  Toolbox toolbox() {
    return version.toolbox();
  }

  HookChains chains() {
    return version.chains();
  }

  void goOnUnder(Version next) {
    version = next;
  }

  /** Step of the episode, from 0. */
  int step() {
    return step;
  }

  void nextStep() {
    step++;
  }

  /** Whether the world has shown anything yet. */
  boolean hasBegun() {
    return observation != null;
  }

  /** What the world showed last. */
  Observation current() {
    return Objects.requireNonNull(observation, "the task has begun");
  }

  void observe(Observation shown) {
    observation = shown;
  }
}
