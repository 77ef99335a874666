package dev.tandem.rollout.testkit;

import dev.tandem.rollout.spi.EnvironmentFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * What every family of environments must keep to, whatever its kind: the tests that a world's
 * author need not write. Each check looks at what the family declares and at nothing else; what is
 * declared must hold, and what is not must not be offered.
 *
 * <p>It needs no test framework. With JUnit, a test for each check is
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> keepsTheContract() {
 *   return EnvironmentContract.checks(new MyFamily()).stream()
 *       .map(check -> DynamicTest.dynamicTest(check.name(), check::require));
 * }
 * }</pre>
 */
public final class EnvironmentContract {
  private EnvironmentContract() {}

  /** Everything that is wrong with a family; empty when it keeps the contract. */
  public static List<Violation> check(EnvironmentFamily family) {
    return check(family, ContractSettings.DEFAULTS);
  }

  /** Everything that is wrong with a family. */
  public static List<Violation> check(EnvironmentFamily family, ContractSettings settings) {
    return checks(family, settings).stream().flatMap(check -> check.run().get().stream()).toList();
  }

  /**
   * Throws when anything is wrong with a family.
   *
   * @throws AssertionError with every violation on a line of its own
   */
  public static void require(EnvironmentFamily family) {
    throwIfAny(check(family));
  }

  /** The checks, to be run one by one. */
  public static List<ContractCheck> checks(EnvironmentFamily family) {
    return checks(family, ContractSettings.DEFAULTS);
  }

  /** The checks, to be run one by one. */
  public static List<ContractCheck> checks(EnvironmentFamily family, ContractSettings settings) {
    Subject subject = new Subject(family, settings);
    List<ContractCheck> checks = new ArrayList<>();
    for (Part part : Part.values()) {
      String name = part.name().toLowerCase(Locale.ROOT);
      checks.add(new ContractCheck(name, part.meaning, () -> run(name, part, subject)));
    }
    return List.copyOf(checks);
  }

  static void throwIfAny(List<Violation> violations) {
    if (!violations.isEmpty()) {
      throw new AssertionError(
          violations.stream()
              .map(Violation::toString)
              .collect(Collectors.joining("\n", "the family breaks its contract:\n", "")));
    }
  }

  private static List<Violation> run(String name, Part part, Subject subject) {
    Findings findings = new Findings(name);
    try {
      part.look.accept(subject, findings);
    } catch (RuntimeException | LinkageError | AssertionError e) {
      findings.thrown(e);
    }
    return findings.all();
  }

  /** The parts of the contract, in the order in which a fault is best understood. */
  private enum Part {
    IDENTITY(
        "id, parameters, processor types and failure categories are well formed",
        DeclarationChecks::identity),
    CATALOGUE("tasks have unique ids and full descriptions", CatalogueChecks::tasks),
    SPLITS("no task is in two splits, by id or by content", CatalogueChecks::splits),
    STABILITY("the same tasks come whatever was asked before", CatalogueChecks::stability),
    SIZE("a finite catalogue has as many tasks as it says", CatalogueChecks::size),
    TOOLS("tools have names and schemas that models can be given", DeclarationChecks::tools),
    RESET("a reset begins the task", StateChecks::reset),
    FACTS("facts follow the declared schema", DeclarationChecks::facts),
    VOCABULARY(
        "a declared vocabulary holds every word that is said", DeclarationChecks::vocabulary),
    WORDINGS("wordings are of texts and words that there are", DeclarationChecks::wordings),
    ADMISSIBLE("exactly the commands told as admissible are carried out", StateChecks::admissible),
    STATE_HASH("the state's hash is equal exactly when the state is", StateChecks::stateHash),
    REPLAY("with equal seeds the same actions lead to the same", StateChecks::replay),
    SNAPSHOTS("a restored snapshot is the state it was taken of", StateChecks::snapshots),
    ISOLATION("what is done in one environment changes no other", StateChecks::isolation),
    INSTANT("what declares to answer at once does", StateChecks::instant),
    EXPERT("the expert solves its tasks within their limits", OutcomeChecks::expert),
    IDLE("who does nothing does not succeed", OutcomeChecks::idle),
    VERDICT("verdicts are in range and the same when asked again", OutcomeChecks::verdict),
    TAXONOMY("failures are told by declared categories", OutcomeChecks::taxonomy),
    CLOSE("closing twice, or at any time, does no harm", ResourceChecks::close),
    RELEASE("closed environments leave no threads behind", ResourceChecks::release);

    private final String meaning;

    @SuppressWarnings("ImmutableEnumChecker") // references to static methods
    private final BiConsumer<Subject, Findings> look;

    Part(String meaning, BiConsumer<Subject, Findings> look) {
      this.meaning = meaning;
      this.look = look;
    }
  }
}
