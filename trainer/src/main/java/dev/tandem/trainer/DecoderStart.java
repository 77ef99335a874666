package dev.tandem.trainer;

import dev.tandem.rollout.RandomStreams;
import dev.tandem.trainer.equipment.Equipment;
import dev.tandem.trainer.io.RunFiles;
import dev.tandem.trainer.learning.GrpoTrainer;
import dev.tandem.trainer.model.Decoder;
import dev.tandem.trainer.model.learn.Optimiser;
import dev.tandem.trainer.model.shape.LoraSettings;
import dev.tandem.trainer.model.torch.Execution;
import dev.tandem.trainer.policy.Policy;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.run.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** How a run's decoder comes to be: made and warmed up, or loaded, or taken up again. */
record DecoderStart(
    RunConfig config,
    RunFolder folder,
    Execution execution,
    Equipment equipment,
    TaughtModel model) {

  /** The agent's model before the first round: warmed up, and then, if asked for, adapted. */
  Actor begin() throws IOException {
    Policy policy = model.taught();
    Optional<LoraSettings> lora = config.model().lora().settings();
    return actor(
        lora.isPresent()
            ? policy.withAdapter(lora.get(), RandomStreams.derive(config.seed(), "adapter"))
            : policy,
        new FrozenBase(config, folder),
        -1);
  }

  /**
   * The model as a complete round left it. A frozen base never changes; an adapter's checkpoint
   * says where it is, but for the first of a model that was warmed up here, which has it.
   */
  Actor resume(int completed) throws IOException {
    Path latest = folder.checkpoint(completed);
    FrozenBase base = new FrozenBase(config, folder);
    return actor(resumed(latest, base), base, completed);
  }

  /**
   * Of a model that was made here and is not trained the masters stay: what is saved of it after a
   * stop is what would have been saved without.
   */
  private Policy resumed(Path latest, FrozenBase base) {
    int tokens = config.model().responseTokens();
    if (config.model().lora().settings().isPresent()) {
      return frozen(base.at(latest)).withAdapter(latest.resolve(RunFiles.ADAPTER));
    }
    return config.mode().trainsModel() || config.warmsUp()
        ? Policy.load(latest, folder.checkpoint(0), tokens, execution)
        : frozen(folder.checkpoint(0));
  }

  private Actor actor(Policy policy, FrozenBase base, int completed) {
    DecoderActor actor =
        new DecoderActor(
            config,
            policy,
            behind(policy, completed),
            base,
            config.mode().trainsModel()
                ? Optional.of(learner(policy, completed))
                : Optional.empty(),
            equipment.actedBy(policy));
    if (completed >= 0) {
      actor.resume(folder.checkpoint(completed));
    }
    return actor;
  }

  /** What plays the next round, where that is not what the last one has learnt. */
  private Optional<Policy> behind(Policy policy, int completed) {
    if (!config.lag().exists()) {
      return Optional.empty();
    }
    Policy snapshot = policy.snapshot();
    int playing = config.lag().weights(completed + 1);
    if (playing < completed) {
      Path learnt = folder.checkpoint(playing);
      boolean adapter = config.model().lora().settings().isPresent();
      snapshot.decoder().follow(adapter ? learnt.resolve(RunFiles.ADAPTER) : learnt);
    }
    return Optional.of(snapshot);
  }

  private DecoderActor.Learner learner(Policy policy, int completed) {
    return DecoderActor.Learner.of(
        config, policy, reference(policy, completed >= 0), optimiser(policy, completed));
  }

  /**
   * The initial checkpoint. An adapter's frozen base is one already. Else a copy is held where
   * every step reads it; where a round's end alone does, it is read from the run's folder and let
   * go.
   */
  private DecoderActor.Reference reference(Policy policy, boolean resumed) {
    if (config.model().lora().settings().isPresent()) {
      return new DecoderActor.Reference(policy.decoder()::scoreFrozen, () -> {});
    }
    Path first = folder.checkpoint(0);
    if (!config.grpo().kl().pulls()) {
      return new DecoderActor.Reference(
          records -> {
            try (Decoder initial = Decoder.loadFrozen(first, execution)) {
              return initial.scoreRecords(records);
            }
          },
          () -> {});
    }
    Decoder copy = resumed ? Decoder.loadFrozen(first, execution) : policy.decoder().frozenCopy();
    return new DecoderActor.Reference(copy::scoreRecords, copy::close);
  }

  /** A checkpoint of this run that was compared with its manifest before the run went on. */
  private Policy frozen(Path checkpoint) {
    return Policy.frozen(checkpoint, config.model().responseTokens(), execution);
  }

  private Optimiser optimiser(Policy policy, int completed) {
    return completed < 0
        ? policy.decoder().newOptimiser(config.optimiser().adamW(config.optimiser().weightDecay()))
        : policy
            .decoder()
            .restoreOptimiser(
                config.optimiser().adamW(config.optimiser().weightDecay()),
                folder.checkpoint(completed).resolve(GrpoTrainer.OPTIMISER_FILE));
  }
}
