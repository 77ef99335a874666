package dev.tandem.aegis.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.aegis.TestRegistry;
import dev.tandem.aegis.screen.Assignment;
import dev.tandem.aegis.screen.ClusterSet;
import dev.tandem.aegis.screen.Factor;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HarnessPoolTest {
  private static final HarnessConfig GUARDED =
      HarnessConfig.of(
          ProcessorSpec.of("renderer"),
          ProcessorSpec.of("guard"),
          ProcessorSpec.of("searched").with("limit", 2));

  private static final Assignment GUARD = Assignment.REFERENCE.with(Factor.toggle("guard"), "on");

  private static final VariantPool POOL =
      VariantPool.of(Assignment.REFERENCE, TestRegistry.BARE)
          .forked(new Variant("r0004-1", new TreeSet<>(List.of("cool", "heat")), GUARD, GUARDED));

  private static String yaml() {
    return POOL.harnesses().toYaml(TestRegistry.REGISTRY);
  }

  @Test
  void routesEachKindOfTaskAndWhatNobodyHasSeenToTheDefault() {
    assertThat(POOL.serving("heat").harness()).isEqualTo(GUARDED);
    assertThat(POOL.serving("place").harness()).isEqualTo(TestRegistry.BARE);
    assertThat(POOL.serving("never seen").harness()).isEqualTo(TestRegistry.BARE);
    assertThat(POOL.scope(POOL.base())).isEqualTo(ClusterSet.except(List.of("cool", "heat")));
    assertThat(POOL.scope(POOL.base()).contains("never seen")).isTrue();
    assertThat(POOL.scope(POOL.forks().getFirst()).contains("place")).isFalse();
  }

  @Test
  void aForkTakesItsTasksFromWhateverServedThem() {
    Assignment other = GUARD.with(Factor.toggle("searched"), "on");

    VariantPool split =
        POOL.forked(new Variant("r0005-1", new TreeSet<>(List.of("heat")), other, GUARDED));
    VariantPool grown =
        POOL.forked(new Variant("r0005-1", new TreeSet<>(List.of("place")), GUARD, GUARDED));
    VariantPool back =
        POOL.forked(
            new Variant(
                "r0005-1",
                new TreeSet<>(List.of("heat")),
                Assignment.REFERENCE,
                TestRegistry.BARE));

    assertThat(split.forks()).extracting(Variant::id).containsExactly("r0004-1", "r0005-1");
    assertThat(split.serving("cool").id()).isEqualTo("r0004-1");
    assertThat(split.serving("heat").id()).isEqualTo("r0005-1");
    assertThat(grown.forks())
        .singleElement()
        .satisfies(fork -> assertThat(fork.clusters()).containsExactly("cool", "heat", "place"));
    assertThat(back.serving("heat")).isEqualTo(back.base());
    assertThat(POOL.without("r0004-1").forks()).isEmpty();
  }

  @Test
  void readsBackTheFileThatItWrites() {
    HarnessPool read = HarnessPool.parse(yaml(), "pool.yaml", TestRegistry.REGISTRY);

    assertThat(read).isEqualTo(POOL.harnesses());
    assertThat(read.serving("cool")).isEqualTo(GUARDED);
    assertThat(read.serving("never seen")).isEqualTo(TestRegistry.BARE);
    assertThat(read.hash(TestRegistry.REGISTRY))
        .isEqualTo(POOL.harnesses().hash(TestRegistry.REGISTRY))
        .isNotEqualTo(TestRegistry.hash(TestRegistry.BARE));
  }

  @Test
  void aPlainHarnessIsAPoolOfOne() {
    HarnessPool read = HarnessPool.parse(GUARDED.toYaml(), "harness.yaml", TestRegistry.REGISTRY);

    assertThat(read).isEqualTo(HarnessPool.of(GUARDED));
    assertThat(read.hash(TestRegistry.REGISTRY)).isEqualTo(TestRegistry.hash(GUARDED));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          limit: 2               | limit: 3            | pool.yaml: variant r0004-1 should have the hash
          "heat": "r0004-1"      | heat: r9            | tasks of kind 'heat' are routed to 'r9', and the variants are [default, r0004-1]
          default: "default"     | default: first      | the default is 'first', and the variants are [default, r0004-1]
          routes:                | roots:              | unknown key 'roots': did you mean 'routes'?
          - type: guard          | - type: gard         | pool.yaml, variant r0004-1:1: unknown processor type 'gard'
          """)
  void saysWhatIsWrongWithAFile(String before, String after, String message) {
    String broken = yaml().replace(before, after);

    assertThat(broken).isNotEqualTo(yaml());
    assertThatThrownBy(() -> HarnessPool.parse(broken, "pool.yaml", TestRegistry.REGISTRY))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining(message);
  }
}
