package dev.tandem.trainer.warmstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tandem.harness.Harness;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.trainer.Tiny;
import dev.tandem.trainer.equipment.Outfit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HarnessSamplerTest {
  private static final ProcessorRegistry REGISTRY = Tiny.REGISTRY;
  private static final HarnessConfig BASE = Tiny.harness();

  private static List<Harness> samples(double plainShare, int count) {
    HarnessSampler sampler = new HarnessSampler(BASE, Outfit.of(REGISTRY), plainShare);
    SplittableRandom random = new SplittableRandom(17);
    return Stream.generate(() -> sampler.sample(random)).limit(count).toList();
  }

  @Test
  void everySampleCompilesAndKeepsTheGroupsOfTheBase() {
    List<String> groups =
        BASE.processors().stream().map(spec -> REGISTRY.type(spec.type()).group()).toList();
    for (Harness harness : samples(0, 1000)) {
      assertThat(harness.config().problems(REGISTRY)).isEmpty();
      assertThat(Harness.compile(harness.config(), REGISTRY).hash()).isEqualTo(harness.hash());
      assertThat(harness.config().processors())
          .extracting(spec -> REGISTRY.type(spec.type()).group())
          .startsWith(groups.toArray(String[]::new))
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void everySampleHasTheSlotsOfTheBase() {
    HarnessConfig base = BASE.withSlots(BASE.slots().withTools(List.of()));
    HarnessSampler sampler = new HarnessSampler(base, Outfit.of(REGISTRY), 0.25);
    SplittableRandom random = new SplittableRandom(17);
    assertThat(Stream.generate(() -> sampler.sample(random)).limit(20))
        .allSatisfy(one -> assertThat(one.config().slots()).isEqualTo(base.slots()));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.25, 0.6, 1})
  void theGivenShareIsTheBaseItself(double plainShare) {
    List<Harness> samples = samples(plainShare, 2000);
    long plain = samples.stream().filter(one -> one.hash().equals(BASE.hash(REGISTRY))).count();
    assertThat((double) plain / samples.size()).isCloseTo(plainShare, within(0.045));
  }

  @Test
  void coversEveryProcessorAndEveryChoice() {
    Set<String> types = new HashSet<>();
    Set<String> choices = new HashSet<>();
    for (Harness harness : samples(0, 1000)) {
      for (ProcessorSpec spec : harness.config().processors()) {
        types.add(spec.type());
        spec.parameters().forEach((name, value) -> choices.add(spec.type() + name + value));
      }
    }
    assertThat(types)
        .containsExactlyInAnyOrderElementsOf(
            REGISTRY.searchable().stream().map(ProcessorType::id).toList());
    for (ProcessorType type : REGISTRY.searchable()) {
      for (Parameter parameter : type.parameters()) {
        if (parameter instanceof Parameter.Choice choice) {
          choice
              .options()
              .forEach(option -> assertThat(choices).contains(type.id() + choice.name() + option));
        }
      }
    }
  }

  @Test
  void neverVariesFreeText() {
    for (Harness harness : samples(0, 300)) {
      for (ProcessorSpec spec : harness.config().processors()) {
        for (Parameter parameter : REGISTRY.type(spec.type()).parameters()) {
          if (parameter instanceof Parameter.Text) {
            assertThat(spec.parameters()).doesNotContainKey(parameter.name());
          }
        }
      }
    }
  }

  @Test
  void oneStreamOfRandomNumbersIsOneSeriesOfSamples() {
    assertThat(samples(0.25, 50).stream().map(Harness::hash))
        .containsExactlyElementsOf(samples(0.25, 50).stream().map(Harness::hash).toList());
  }
}
