package dev.tandem.aegis;

import dev.tandem.aegis.critique.BundleSettings;
import dev.tandem.aegis.drift.LeverWatchSettings;
import dev.tandem.aegis.evolve.MetaAgentSettings;
import dev.tandem.aegis.gate.GateSettings;
import dev.tandem.aegis.oversight.AskFrom;
import dev.tandem.aegis.oversight.RedLines;
import dev.tandem.aegis.oversight.WhenWaiting;
import dev.tandem.aegis.route.VariantSettings;
import dev.tandem.aegis.screen.EffectSettings;
import dev.tandem.aegis.screen.ScreenSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The choices of harness evolution. A recipe states only what differs from {@link #DEFAULTS}.
 *
 * @param actionable mean failure rate below which there is nothing to do, in [0, 1)
 * @param rest rounds for which a lever does not play after it was taken out, or broke something, at
 *     least 1
 * @param screen how a round's episodes are spread over harness versions
 * @param effects how what the levers do is estimated
 * @param bundle when a change joins a bundle
 * @param gate what the gate asks of a bundle, and what it may spend
 * @param watch when a lever that has shipped is taken out
 * @param variants when a harness forks for some kinds of task
 * @param metaAgent who proposes levers beyond those that metadata gives
 * @param redLines what no edit may do
 * @param approval from which risk on a bundle that has passed the gate waits for a person
 * @param whenWaiting what the run does meanwhile
 * @param signingKey file of the private key that the ledger's head is signed with after each round;
 *     null for no signature
 */
public record AegisSettings(
    double actionable,
    int rest,
    ScreenSettings screen,
    EffectSettings effects,
    BundleSettings bundle,
    GateSettings gate,
    LeverWatchSettings watch,
    VariantSettings variants,
    MetaAgentSettings metaAgent,
    RedLines redLines,
    AskFrom approval,
    WhenWaiting whenWaiting,
    @Nullable Path signingKey) {
  public static final AegisSettings DEFAULTS =
      new AegisSettings(
          0.02,
          4,
          ScreenSettings.DEFAULTS,
          EffectSettings.DEFAULTS,
          BundleSettings.DEFAULTS,
          GateSettings.DEFAULTS,
          LeverWatchSettings.DEFAULTS,
          VariantSettings.DEFAULTS,
          MetaAgentSettings.DEFAULTS,
          RedLines.NONE,
          AskFrom.NONE,
          WhenWaiting.WAIT,
          null);

  public AegisSettings {
    if (!(actionable >= 0 && actionable < 1)) {
      throw new IllegalArgumentException(
          "actionable must be at least 0 and below 1, was " + actionable);
    }
    if (rest < 1) {
      throw new IllegalArgumentException("rest must be at least 1 round, was " + rest);
    }
  }

  /** The same with other demands at the gate. */
  public AegisSettings with(GateSettings other) {
    return new AegisSettings(
        actionable,
        rest,
        screen,
        effects,
        bundle,
        other,
        watch,
        variants,
        metaAgent,
        redLines,
        approval,
        whenWaiting,
        signingKey);
  }

  /** The same with other rules for variants. */
  public AegisSettings with(VariantSettings other) {
    return new AegisSettings(
        actionable,
        rest,
        screen,
        effects,
        bundle,
        gate,
        watch,
        other,
        metaAgent,
        redLines,
        approval,
        whenWaiting,
        signingKey);
  }

  /** The same with other rules of oversight. */
  public AegisSettings watched(
      RedLines lines, AskFrom from, WhenWaiting meanwhile, @Nullable Path key) {
    return new AegisSettings(
        actionable,
        rest,
        screen,
        effects,
        bundle,
        gate,
        watch,
        variants,
        metaAgent,
        lines,
        from,
        meanwhile,
        key);
  }

  /** The same with another meta-agent. */
  public AegisSettings with(MetaAgentSettings other) {
    return new AegisSettings(
        actionable,
        rest,
        screen,
        effects,
        bundle,
        gate,
        watch,
        variants,
        other,
        redLines,
        approval,
        whenWaiting,
        signingKey);
  }
}
