package dev.tandem.aegis;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.gate.Rehearsal;
import dev.tandem.aegis.gate.Simulation;
import dev.tandem.aegis.ledger.Ledger;
import dev.tandem.aegis.ledger.LedgerEntry;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.rollout.Trajectory;
import dev.tandem.rollout.run.RolloutResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * Evolution over rounds of scripted episodes.
 *
 * @param path of the ledger, which a later run goes on with
 * @param gate what a round's gate plays
 * @param seen a training episode as the verifiers see it
 */
record TestLoop(
    Path path,
    AegisSettings settings,
    TestRounds rounds,
    MetaAgent agent,
    IntFunction<? extends Rehearsal> gate,
    UnaryOperator<Trajectory> seen) {
  /** Where every run begins. */
  static final AegisState START = AegisState.initial(TestRegistry.BARE);

  static TestLoop of(Path path, TestRounds rounds) {
    return new TestLoop(
        path,
        AegisSettings.DEFAULTS,
        rounds,
        MetaAgent.SYMBOLIC,
        rounds::gate,
        UnaryOperator.identity());
  }

  static TestLoop of(Path path, Simulation.Chance chance) {
    return of(path, new TestRounds(chance, 7));
  }

  TestLoop with(AegisSettings other) {
    return new TestLoop(path, other, rounds, agent, gate, seen);
  }

  TestLoop with(MetaAgent other) {
    return new TestLoop(path, settings, rounds, other, gate, seen);
  }

  TestLoop with(TestRounds other) {
    return new TestLoop(path, settings, other, agent, other::gate, seen);
  }

  TestLoop at(IntFunction<? extends Rehearsal> other) {
    return new TestLoop(path, settings, rounds, agent, other, seen);
  }

  /** Another view of what is played, in training and at the gate. */
  TestLoop seenAs(UnaryOperator<Trajectory> view) {
    return new TestLoop(
        path, settings, rounds, agent, round -> new Seen(rounds.gate(round), view), view);
  }

  private record Seen(Rehearsal played, UnaryOperator<Trajectory> view) implements Rehearsal {
    @Override
    public RolloutResult run(HarnessConfig harness, List<Integer> tasks, int attempt) {
      return new RolloutResult(
          played.run(harness, tasks, attempt).trajectories().stream().map(view).toList(),
          List.of());
    }

    @Override
    public String category(int task) {
      return played.category(task);
    }
  }

  /**
   * What came of the rounds.
   *
   * @param states before the first round, and after each
   */
  record Run(List<AegisState> states, List<Decision> decisions, Path path) {
    AegisState state() {
      return states.getLast();
    }

    <T extends Decision> List<T> decisions(Class<T> kind) {
      return decisions.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    List<LedgerEntry> entries() {
      return Ledger.verify(path).entries();
    }

    String ledger() throws IOException {
      return Files.readString(path);
    }
  }

  Aegis aegis(Ledger ledger) {
    return new Aegis(settings, TestRegistry.REGISTRY, new TestFailures(), ledger, Set.of(), agent);
  }

  /** From the beginning. */
  Run run(int last) {
    return run(START, 1, last);
  }

  /** What the ledger has of these rounds is written anew. */
  Run run(AegisState from, int first, int last) {
    List<AegisState> states = new ArrayList<>(List.of(from));
    List<Decision> decisions = new ArrayList<>();
    try (Ledger ledger = Ledger.open(path)) {
      ledger.truncateAfterRound(first - 1);
      Aegis aegis = aegis(ledger);
      for (int round = first; round <= last; round++) {
        RoundEvidence played = rounds.play(aegis, states.getLast(), round);
        AegisResult result =
            aegis.evolve(
                states.getLast(),
                new RoundEvidence(
                    round,
                    played.plan(),
                    reader -> played.judged().forEach(one -> reader.accept(seen.apply(one))),
                    played.failures(),
                    played.seed()),
                gate.apply(round));
        states.add(result.next());
        decisions.addAll(result.decisions());
      }
    }
    assertThat(Ledger.verify(path).passed()).isTrue();
    return new Run(states, decisions, path);
  }

  /** The state after it has been written and read. */
  static AegisState reread(AegisState state) throws JsonProcessingException {
    JsonMapper json = new JsonMapper();
    return json.readValue(json.writeValueAsString(state), AegisState.class);
  }
}
