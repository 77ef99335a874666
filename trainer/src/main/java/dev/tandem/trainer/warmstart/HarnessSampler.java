package dev.tandem.trainer.warmstart;

import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.trainer.equipment.Outfit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Random harnesses around a base one: each further processor is there or not, with parameters drawn
 * from their ranges, so that the model learns to read any prompt that evolution may later give it.
 * Free text is never varied.
 */
final class HarnessSampler {
  private static final double VARIED_SHARE = 0.25;

  private final HarnessConfig base;
  private final Outfit outfit;
  private final double plainShare;

  /**
   * @param plainShare share of the base harness itself among the samples, in [0, 1]
   */
  HarnessSampler(HarnessConfig base, Outfit outfit, double plainShare) {
    this.base = base;
    this.outfit = outfit;
    this.plainShare = plainShare;
  }

  Harness sample(SplittableRandom random) {
    if (random.nextDouble() < plainShare) {
      return outfit.compile(base);
    }
    List<ProcessorSpec> processors = new ArrayList<>();
    Set<String> groups = new HashSet<>();
    for (ProcessorSpec spec : base.processors()) {
      ProcessorType type = outfit.registry().type(spec.type());
      processors.add(varied(spec, type, random));
      groups.add(type.group());
    }
    for (ProcessorType type : outfit.registry().searchable(outfit.met())) {
      if (groups.add(type.group()) && random.nextBoolean()) {
        processors.add(varied(ProcessorSpec.of(type.id()), type, random));
      }
    }
    return outfit.compile(base.withProcessors(processors));
  }

  /** Most parameters are left alone; counts stay within twice what they were. */
  private static ProcessorSpec varied(
      ProcessorSpec spec, ProcessorType type, SplittableRandom random) {
    ProcessorSpec varied = spec;
    for (Parameter parameter : type.parameters()) {
      if (random.nextDouble() < VARIED_SHARE) {
        varied =
            switch (parameter) {
              case Parameter.Flag flag -> varied.with(flag.name(), random.nextBoolean());
              case Parameter.Choice choice ->
                  varied.with(
                      choice.name(), choice.options().get(random.nextInt(choice.options().size())));
              case Parameter.Count count ->
                  varied.with(
                      count.name(),
                      random.nextInt(
                          count.minimum(),
                          Math.min(count.maximum(), 2 * current(spec, count)) + 1));
              case Parameter.Decimal decimal ->
                  varied.with(
                      decimal.name(),
                      random.nextDouble(decimal.minimum(), Math.nextUp(decimal.maximum())));
              case Parameter.Text ignored -> varied;
              case Parameter.Texts ignored -> varied;
              case Parameter.Label ignored -> varied;
            };
      }
    }
    return varied;
  }

  private static int current(ProcessorSpec spec, Parameter.Count count) {
    return spec.parameters().getOrDefault(count.name(), count.byDefault()) instanceof Integer value
        ? value
        : count.byDefault();
  }
}
