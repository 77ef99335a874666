package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.tandem.trainer.TrainingRun;
import dev.tandem.trainer.recipe.RunConfig;
import dev.tandem.trainer.recipe.yaml.ConfigLoader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The module's README and the pages that it points to show nothing that does not exist. */
final class ReadmeTest {
  private static final String HOME = "dev.tandem.trainer.";
  private static final Path README = Path.of("README.md");

  private static String text = "";
  private static JavaClasses ours = new ClassFileImporter().importClasses();

  @TempDir private Path folder;

  @BeforeAll
  static void read() throws IOException {
    StringBuilder pages = new StringBuilder(Files.readString(README));
    try (var others = Files.list(Path.of("docs"))) {
      for (Path page : others.filter(one -> one.toString().endsWith(".md")).sorted().toList()) {
        assertThat(pages).as("where the README points").contains("(" + page + ")");
        pages.append(Files.readString(page));
      }
    }
    text = pages.toString();
    ours =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importUrl(TrainingRun.class.getProtectionDomain().getCodeSource().getLocation());
  }

  @Test
  void listsEveryRoomWithAClassToOpenFirst() {
    Map<String, String> listed = new TreeMap<>();
    Pattern row = Pattern.compile("^\\| `([a-z.]+)` \\| .* \\| `(\\w+)` \\|$", Pattern.MULTILINE);
    row.matcher(text).results().forEach(one -> listed.put(one.group(1), one.group(2)));
    Set<String> rooms = new TreeSet<>();
    for (JavaClass one : ours) {
      if (one.getPackageName().startsWith(HOME)) {
        rooms.add(one.getPackageName().substring(HOME.length()));
      }
    }
    assertThat(listed.keySet()).isEqualTo(rooms);
    listed.forEach(
        (room, first) -> assertThat(ours.contain(HOME + room + "." + first)).as(first).isTrue());
  }

  @Test
  void namesNoClassThatDoesNotExist() throws IOException {
    Set<String> known = new TreeSet<>();
    try (var files = Files.walk(Path.of("src"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .forEach(name -> known.add(name.substring(0, name.length() - ".java".length())));
    }
    Set<String> named =
        Pattern.compile("`(?:[a-z]+\\.)*([A-Z][a-z]+\\w*)(?:\\.\\w+)?`")
            .matcher(text)
            .results()
            .map(one -> one.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(named).hasSizeGreaterThan(30);
    assertThat(known).containsAll(named);
  }

  @Test
  void showsCommandsThatTheCommandLineTakes() {
    List<String> commands = blocks("sh").lines().filter(line -> !line.isBlank()).toList();
    assertThat(commands).hasSizeGreaterThan(2).allMatch(line -> line.startsWith("./tandem "));
    for (String command : commands) {
      String[] arguments = command.substring("./tandem ".length()).split(" ");
      assertThatCode(
              () ->
                  new CommandLine(new Tandem(Console.ofProcess()))
                      .setCaseInsensitiveEnumValuesAllowed(true)
                      .parseArgs(arguments))
          .as(command)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void showsARecipeThatLoads() throws IOException {
    Path recipe = Files.writeString(folder.resolve("recipe.yaml"), blocks("yaml"));
    RunConfig config = ConfigLoader.load(recipe, List.of(), RunConfig.DEFAULTS, RunConfig.class);
    assertThat(config.grpo()).isNotEqualTo(RunConfig.DEFAULTS.grpo());
  }

  @Test
  void showsJavaThatCompilesAndARecipeThatIsThere() throws IOException {
    String source =
        """
        import dev.tandem.trainer.TrainingRun;
        import dev.tandem.trainer.model.torch.Execution;
        import dev.tandem.trainer.recipe.RunConfig;
        import dev.tandem.trainer.recipe.yaml.ConfigLoader;
        import dev.tandem.trainer.run.Monitor;
        import dev.tandem.trainer.run.RunSummary;
        import java.nio.file.Path;
        import java.util.List;
        class Shown {
          RunSummary run(Monitor monitor) throws Exception {
            %s
            return summary;
          }
        }
        """
            .formatted(blocks("java"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> mistakes = new DiagnosticCollector<>();
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///Shown.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    boolean compiles =
        compiler
            .getTask(
                null,
                null,
                mistakes,
                List.of(
                    "-d",
                    folder.toString(),
                    "-proc:none",
                    "-cp",
                    System.getProperty("java.class.path")),
                null,
                List.of(file))
            .call();
    assertThat(compiles).as(mistakes.getDiagnostics().toString()).isTrue();
    RunConfig config =
        ConfigLoader.load(
            Path.of("../configs/house-smoke.yaml"),
            List.of("rounds=1", "warm_start.episodes=100"),
            RunConfig.DEFAULTS,
            RunConfig.class);
    assertThat(config.rounds()).isEqualTo(1);
  }

  private static String blocks(String language) {
    String found =
        Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
            .matcher(text)
            .results()
            .map((MatchResult one) -> one.group(1))
            .collect(Collectors.joining("\n"));
    assertThat(found).isNotBlank();
    return found;
  }
}
