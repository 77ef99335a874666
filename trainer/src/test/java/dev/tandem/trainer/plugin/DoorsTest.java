package dev.tandem.trainer.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.model.Message;
import dev.tandem.harness.model.Model;
import dev.tandem.harness.model.Price;
import dev.tandem.harness.spi.ProcessorLibrary;
import dev.tandem.rollout.Split;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.EpisodeContext;
import dev.tandem.rollout.spi.ModelProvider;
import dev.tandem.rollout.spi.ModelProviderFactory;
import dev.tandem.trainer.recipe.EnvironmentSettings;
import dev.tandem.trainer.recipe.PluginJar;
import dev.tandem.trainer.recipe.ProviderSettings;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DoorsTest {
  private static final EnvironmentSettings CORRIDOR = new EnvironmentSettings("corridor");

  @TempDir private Path folder;

  private static Doors open(Path... jars) {
    return Doors.open(Arrays.stream(jars).map(PluginJar::new).toList());
  }

  @Test
  void tasksOfChangedCodeAreOfAnotherFamilyAndTheOldOnesAreNotPlayed() throws IOException {
    TaskSpec old;
    try (Doors doors = open(ScratchProject.jar(folder))) {
      old = doors.family(CORRIDOR).tasks().tasks(Split.TRAIN, 0, 1).getFirst();
      assertThat(old.family()).matches("corridor@[0-9a-f]{12}");
      assertThat(doors.family(CORRIDOR).open(old, EpisodeContext.of(1)).reset().goal())
          .isEqualTo("find the door");
    }
    Path changed =
        ScratchProject.jar(
            folder,
            "changed.jar",
            text -> text.replace("2 * length", "3 * length"),
            ScratchProject.SERVICES,
            false);
    try (Doors doors = open(changed)) {
      EnvironmentFamily family = doors.family(CORRIDOR);
      assertThat(family.tasks().tasks(Split.TRAIN, 0, 1).getFirst().family())
          .isNotEqualTo(old.family());
      assertThatThrownBy(() -> family.open(old, EpisodeContext.of(1)))
          .hasMessageContaining("is of another version of the plugin");
    }
  }

  @Test
  void aProvidersWeightsAreNamedByItsCodeAndParametersAndItsAnswersCostWhatTheRecipeSays()
      throws IOException {
    try (Doors doors = open(ScratchProject.jar(folder))) {
      ProviderSettings plain = new ProviderSettings("timid", Map.of());
      ProviderSettings other = new ProviderSettings("timid", Map.of("habit", "sit"));
      try (ModelProvider first = doors.provider(plain);
          ModelProvider second = doors.provider(other)) {
        assertThat(first.checkpoint()).matches("timid@[0-9a-f]{12}");
        assertThat(second.checkpoint()).isNotEqualTo(first.checkpoint());
        Model.Request request = new Model.Request(List.of(Message.user("where ?")), List.of(), 1);
        assertThat(second.complete(List.of(request)).getFirst().orThrow().text()).isEqualTo("sit");
      }
      assertThat(doors.complete(plain).parameters()).containsEntry("habit", "step left");
    }
  }

  @Test
  @Timeout(30)
  void aProviderThatHangsInItsCloseIsLeftBehind() {
    CountDownLatch release = new CountDownLatch(1);
    ModelProvider hanging =
        new ModelProvider() {
          @Override
          public List<Model.Answer> complete(List<Model.Request> requests) {
            return List.of();
          }

          @Override
          public String checkpoint() {
            return "hanging";
          }

          @Override
          public void close() {
            while (release.getCount() > 0) {
              try {
                release.await();
              } catch (InterruptedException deaf) {
                Thread.onSpinWait();
              }
            }
          }
        };
    new OutsideProvider(hanging, "hanging", Price.FREE, Duration.ofMillis(50)).close();
    assertThat(release.getCount()).isEqualTo(1);
    release.countDown();
  }

  @Test
  void aJarThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> open(folder.resolve("absent.jar")))
        .isInstanceOf(PluginException.class)
        .hasMessage(
            "the plugin %s does not exist: build it, or correct the path",
            folder.resolve("absent.jar"));
  }

  @Test
  void whatIsNoJarIsNamed() throws IOException {
    Path text = Files.writeString(folder.resolve("notes.jar"), "no jar");
    assertThatThrownBy(() -> open(text))
        .isInstanceOf(PluginException.class)
        .hasMessageContainingAll(text.toString(), "is not a jar", "the jar tool");
  }

  @Test
  void aJarThatBringsNothingIsRefused() throws IOException {
    Path empty = ScratchProject.jar(folder, "empty.jar", UnaryOperator.identity(), Map.of(), false);
    assertThatThrownBy(() -> open(empty))
        .hasMessageContainingAll(empty.toString(), "brings nothing", "META-INF/services/");
  }

  @Test
  void aClassThatIsNotThereIsNamedWithItsJar() throws IOException {
    Path jar =
        ScratchProject.jar(
            folder,
            "wrong.jar",
            UnaryOperator.identity(),
            Map.of(ProcessorLibrary.class, "scratch.Compass"),
            false);
    assertThatThrownBy(() -> open(jar))
        .hasMessage(
            "the class scratch.Compass of the plugin %s is not in the jar: add it, or correct"
                + " META-INF/services",
            jar);
  }

  @Test
  void aClassOfAnotherKindIsNamed() throws IOException {
    Path jar =
        ScratchProject.jar(
            folder,
            "wrong.jar",
            UnaryOperator.identity(),
            Map.of(EnvironmentFamily.class, "scratch.TimidFactory"),
            false);
    assertThatThrownBy(() -> open(jar))
        .hasMessageContainingAll(
            "scratch.TimidFactory", jar.toString(), "is no dev.tandem.rollout.spi.Environment");
  }

  @Test
  void aClassThatCannotBeMadeIsNamedWithTheReason() throws IOException {
    Path jar =
        ScratchProject.jar(
            folder,
            "broken.jar",
            text ->
                text.replace(
                    "    this(4);\n",
                    "    this(4);\n    throw new IllegalStateException(\"no power\");\n"),
            ScratchProject.SERVICES,
            false);
    assertThatThrownBy(() -> open(jar))
        .hasMessageContainingAll(
            "scratch.CorridorFamily", jar.toString(), "cannot be made", "no power");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "return \"corridor\";->return \"house\";->a second environment 'house'",
        "\"compass_note\"->\"loop_guard\"->a second processor type 'loop_guard'",
        "return \"timid\";->return \"decoder\";->a second model provider 'decoder'",
        "return \"corridor\";->return \"My World\";->use lower-case words with underscores"
      })
  void aNameThatIsTakenIsRefused(String change) throws IOException {
    List<String> parts = List.of(change.split("->", -1));
    Path jar =
        ScratchProject.jar(
            folder,
            "second.jar",
            text -> text.replace(parts.get(0), parts.get(1)),
            ScratchProject.SERVICES,
            false);
    assertThatThrownBy(() -> open(jar))
        .isInstanceOf(PluginException.class)
        .hasMessageContainingAll(jar.toString(), parts.get(2));
  }

  @Test
  void twoJarsOfOneNameAreRefused() throws IOException {
    Path jar = ScratchProject.jar(folder);
    assertThatThrownBy(() -> open(jar, jar)).hasMessageContaining("is named twice");
  }

  /** What a family or a provider may do some day must not be lost on the way through the door. */
  @Test
  void wrappersHandEverythingOn() {
    assertThat(notHandedOn(EnvironmentFamily.class, OutsideFamily.class)).isEmpty();
    assertThat(notHandedOn(ModelProvider.class, OutsideProvider.class)).isEmpty();
    assertThat(ModelProviderFactory.class.getMethods()).hasSize(3);
  }

  private static List<String> notHandedOn(Class<?> door, Class<?> wrapper) {
    return Arrays.stream(door.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(method -> !declares(wrapper, method))
        .map(Method::getName)
        .toList();
  }

  private static boolean declares(Class<?> wrapper, Method method) {
    return Arrays.stream(wrapper.getDeclaredMethods())
        .anyMatch(
            own ->
                own.getName().equals(method.getName())
                    && Arrays.equals(own.getParameterTypes(), method.getParameterTypes()));
  }
}
