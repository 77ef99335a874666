package dev.tandem.rollout.store;

import dev.tandem.harness.model.ModelRole;
import dev.tandem.harness.model.TokenTrace;
import dev.tandem.harness.run.Episode;
import dev.tandem.harness.run.ModelSpending;
import dev.tandem.harness.run.ObserverFailure;
import dev.tandem.harness.run.Step;
import dev.tandem.harness.run.Swap;
import dev.tandem.harness.run.Trigger;
import dev.tandem.harness.run.Turn;
import dev.tandem.rollout.FailedEpisode;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.Verdict;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Writes a segment's episodes as items; {@link EpisodeReader} reads them. */
final class EpisodeWriter {
  private final ContentWriter content;
  private final TokenHistory tokens = new TokenHistory();

  EpisodeWriter(OutputStream out) {
    content = new ContentWriter(out);
  }

  void write(StoredEpisode episode) throws IOException {
    switch (episode) {
      case StoredEpisode.Judged(Trajectory trajectory) -> judged(trajectory);
      case StoredEpisode.Broken(FailedEpisode failure) -> broken(failure);
    }
  }

  void end() throws IOException {
    content.item(ItemKind.END).write();
  }

  private void judged(Trajectory trajectory) throws IOException {
    Episode episode = trajectory.episode();
    tokens.beginEpisode();
    int next = 0;
    for (Turn turn : episode.turns()) {
      // What an action led to stands beside the next prompt, which tells it again.
      while (next < episode.steps().size() && episode.steps().get(next).index() < turn.step()) {
        step(episode.steps().get(next++));
      }
      turn(turn);
    }
    while (next < episode.steps().size()) {
      step(episode.steps().get(next++));
    }
    Verdict verdict = trajectory.verdict();
    int[] names =
        content.texts(
            List.of(
                trajectory.id(),
                trajectory.phase().name(),
                trajectory.harnessHash(),
                trajectory.checkpoint(),
                episode.exitReason().name(),
                episode.detail()));
    int task = content.task(trajectory.task());
    int[] components = content.texts(List.copyOf(verdict.components().keySet()));
    int[] flags = content.texts(verdict.exploitFlags());
    int[] triggers = new int[episode.triggers().size()];
    for (int i = 0; i < triggers.length; i++) {
      triggers[i] = content.trigger(episode.triggers().get(i));
    }
    int[] swaps = swaps(episode.swaps());
    int[] roles = content.texts(episode.spending().keySet().stream().map(ModelRole::name).toList());
    int[] observers = observers(episode.observerFailures());
    ContentWriter.Item item = content.item(ItemKind.JUDGED);
    item.refer(names).refer(task).number(trajectory.round()).signed(trajectory.seed());
    item.number(episode.turns().size()).number(episode.steps().size());
    item.flag(verdict.success()).decimal(verdict.strict()).decimal(verdict.lenient());
    item.refer(components);
    verdict.components().values().forEach(item::decimal);
    item.refer(flags).refer(triggers);
    for (Trigger trigger : episode.triggers()) {
      item.signed(trigger.step());
    }
    item.refer(swaps);
    for (Swap swap : episode.swaps()) {
      item.signed(swap.step());
    }
    item.refer(roles);
    for (ModelSpending one : episode.spending().values()) {
      item.number(one.calls());
      item.number(one.usage().promptTokens()).number(one.usage().responseTokens());
      item.decimal(one.usage().money());
    }
    item.refer(observers);
    for (ObserverFailure failure : episode.observerFailures()) {
      item.number(failure.times());
    }
    item.write();
  }

  private int[] observers(List<ObserverFailure> failures) throws IOException {
    List<String> parts = new ArrayList<>();
    for (ObserverFailure failure : failures) {
      parts.addAll(List.of(failure.processor(), failure.where(), failure.reason()));
    }
    return content.texts(parts);
  }

  private int[] swaps(List<Swap> swaps) throws IOException {
    List<String> parts = new ArrayList<>();
    for (Swap swap : swaps) {
      parts.addAll(
          List.of(
              swap.processor(),
              swap.target(),
              swap.reason(),
              swap.from(),
              swap.to(),
              swap.refusal()));
    }
    return content.texts(parts);
  }

  private void turn(Turn turn) throws IOException {
    TokenTrace trace = turn.tokens();
    int harness = content.text(turn.harnessHash());
    int messages = content.messages(turn.messages());
    int text = content.text(turn.text());
    int[] uses = content.uses(turn.toolUses());
    int[] prompt = trace.prompt();
    int[] response = trace.response();
    int[][] masks = trace.allowed();
    int[] allowed = new int[masks.length];
    for (int i = 0; i < allowed.length; i++) {
      allowed[i] = content.tokenIds(masks[i]);
    }
    ContentWriter.Item item = content.item(ItemKind.TURN);
    item.number(turn.step()).refer(harness).refer(messages).refer(text).refer(uses);
    item.flag(turn.discarded());
    int place = tokens.nearest(prompt);
    int shared = tokens.shared(prompt, place);
    item.number(place).number(shared).number(prompt.length - shared);
    for (int i = shared; i < prompt.length; i++) {
      item.number(Integer.toUnsignedLong(prompt[i]));
    }
    item.number(response.length);
    for (int id : response) {
      item.number(Integer.toUnsignedLong(id));
    }
    for (float logProb : trace.logProbs()) {
      item.bits(Float.floatToRawIntBits(logProb));
    }
    item.refer(allowed);
    item.write();
    tokens.add(prompt, response);
  }

  private void step(Step step) throws IOException {
    int before = content.observation(step.before());
    int state = content.text(step.stateHash());
    int tool = content.text(step.tool());
    int action = content.text(step.action());
    int after = content.observation(step.after());
    content
        .item(ItemKind.STEP)
        .number(step.index())
        .refer(before)
        .refer(state)
        .refer(tool)
        .refer(action)
        .flag(step.executed())
        .refer(after)
        .write();
  }

  private void broken(FailedEpisode failure) throws IOException {
    int[] names =
        content.texts(
            List.of(
                failure.id(),
                failure.phase().name(),
                failure.harnessHash(),
                failure.checkpoint(),
                failure.reason().name(),
                failure.detail()));
    int task = content.task(failure.task());
    content
        .item(ItemKind.BROKEN)
        .refer(names)
        .refer(task)
        .number(failure.round())
        .signed(failure.seed())
        .number(failure.attempts())
        .write();
  }
}
