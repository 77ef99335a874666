package dev.tandem.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.spi.ProcessorLibrary;
import dev.tandem.harness.spi.ProcessorType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the module's page shows is true. */
class ReadmeTest {
  @TempDir private Path folder;

  private static List<String> blocks(String language) throws IOException {
    Matcher block =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("README.md")));
    return block.results().map(found -> found.group(1)).toList();
  }

  @Test
  void theLibraryCompilesIsFoundAndSpeaks() throws Exception {
    Path source = folder.resolve("PoliteLibrary.java");
    Files.writeString(
        source,
        """
        import dev.tandem.harness.event.*;
        import dev.tandem.harness.spi.*;
        import dev.tandem.harness.value.Parameter;
        import java.util.List;
        import java.util.Set;

        %s
        """
            .formatted(blocks("java").getFirst()));
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, errors, errors, "-proc:none", "-d", folder.toString(), source.toString());
    assertThat(status).as(errors.toString(StandardCharsets.UTF_8)).isZero();
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(services.resolve(ProcessorLibrary.class.getName()), "PoliteLibrary\n");

    ScriptedModel model = new ScriptedModel("look");
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      ProcessorRegistry registry = ProcessorRegistry.of(ProcessorLibrary.libraries(loader));
      HarnessConfig harness = HarnessConfig.parse("processors: [{type: please}]", "page", registry);
      EpisodeRunner.run(
          Harness.compile(harness, registry), new TinyHouse(), model, new Budget(1, 1, 100), 1);
    }

    assertThat(model.prompts()).containsExactly("you wake up . please .");
  }

  @Test
  void theConfigurationsAreValid() throws IOException {
    assertThat(blocks("yaml"))
        .isNotEmpty()
        .allSatisfy(
            text ->
                assertThat(
                        HarnessConfig.parse(text, "page", ProcessorRegistry.builtIn())
                            .problems(ProcessorRegistry.builtIn()))
                    .isEmpty());
  }

  @Test
  void theTablesNameEveryBuiltInType() throws IOException {
    String page = Files.readString(Path.of("README.md"));
    assertThat(ProcessorRegistry.builtIn().types())
        .extracting(ProcessorType::id)
        .allSatisfy(id -> assertThat(page).contains("`" + id + "`"));
  }
}
