package dev.tandem.aegis.evolve;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import dev.tandem.aegis.plan.EditJson;
import dev.tandem.aegis.screen.Lever;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.edit.HarnessEdit;
import dev.tandem.harness.edit.HarnessEdits;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A level of a factor that processor metadata does not give.
 *
 * @param lever the factor, which may be one that there is, and the new level's name
 * @param edit that takes the harness that the run began with to it
 * @param reason what it is meant to make possible
 */
public record ProposedLever(
    Lever lever,
    @JsonSerialize(using = EditJson.Writer.class) @JsonDeserialize(using = EditJson.Reader.class)
        HarnessEdit edit,
    String reason) {
  /** Characters of a level's name, beyond which a hash stands for the rest. */
  private static final int LONGEST = 48;

  private static final int HASH = 8;

  /**
   * The levers that give a harness a processor with these parameters. A processor of the first
   * harness has a lever for each parameter that is to be another; any other is one of its group,
   * and what is not said of it is as in the incumbent, if it is there. Whoever proposes it, the
   * same lever has the same name.
   *
   * @param wish a processor whose type is known, and its parameters in range
   * @throws HarnessException when the parameters do not go together
   */
  public static List<ProposedLever> of(
      ProcessorSpec wish,
      String reason,
      HarnessConfig start,
      HarnessConfig incumbent,
      ProcessorRegistry registry) {
    String id = registry.resolve(wish).id();
    Optional<ProcessorSpec> present = find(start, id, registry);
    return present.isPresent()
        ? turned(registry.complete(present.get()), wish, reason, registry)
        : List.of(
            added(
                plain(find(incumbent, id, registry).orElse(ProcessorSpec.of(wish.type())), wish),
                reason,
                start,
                registry));
  }

  private static List<ProposedLever> turned(
      ProcessorSpec present, ProcessorSpec wish, String reason, ProcessorRegistry registry) {
    ProcessorType type = registry.resolve(present);
    List<ProposedLever> levers = new ArrayList<>();
    for (Parameter parameter : type.parameters()) {
      Object value = wish.parameters().get(parameter.name());
      if (value != null
          && parameter.behavioural()
          && !parameter.canonical(value).equals(present.parameters().get(parameter.name()))) {
        Object canonical = parameter.canonical(value);
        levers.add(
            new ProposedLever(
                new Lever(type.id() + "." + parameter.name(), shortened(String.valueOf(canonical))),
                new HarnessEdit.Configure(type.id(), parameter.name(), canonical),
                reason));
      }
    }
    return levers;
  }

  private static ProcessorSpec plain(ProcessorSpec present, ProcessorSpec wish) {
    ProcessorSpec all = present;
    for (String name : wish.parameters().keySet()) {
      all = all.with(name, wish.parameters().get(name));
    }
    return all;
  }

  private static ProposedLever added(
      ProcessorSpec all, String reason, HarnessConfig start, ProcessorRegistry registry) {
    ProcessorType type = registry.resolve(all);
    ProcessorSpec spec = ProcessorSpec.of(all.type());
    for (Parameter parameter : type.parameters()) {
      Object value = all.parameters().get(parameter.name());
      if (value != null && !parameter.canonical(value).equals(parameter.defaultValue())) {
        spec = spec.with(parameter.name(), parameter.canonical(value));
      }
    }
    boolean taken =
        start.processors().stream()
            .anyMatch(one -> registry.resolve(one).group().equals(type.group()));
    return new ProposedLever(
        new Lever(type.group(), shortened(HarnessEdits.describe(spec))),
        taken ? new HarnessEdit.Replace(spec) : new HarnessEdit.Insert(spec),
        reason);
  }

  /** The processor of that name: its type's, or the one that its code goes by. */
  private static Optional<ProcessorSpec> find(
      HarnessConfig harness, String id, ProcessorRegistry registry) {
    return harness.processors().stream()
        .filter(spec -> registry.resolve(spec).id().equals(id))
        .findFirst();
  }

  private static String shortened(String name) {
    return name.length() <= LONGEST
        ? name
        : "%s~%s"
            .formatted(name.substring(0, LONGEST), ContentHash.sha256(name).substring(0, HASH));
  }
}
