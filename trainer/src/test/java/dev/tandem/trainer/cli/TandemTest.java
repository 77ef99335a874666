package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class TandemTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir private Path folder;

  @Test
  void listsItsVerbsAndExitCodesInTheHelp() {
    assertThat(run("--help")).isZero();
    assertThat(printed()).contains("report", "version", "69 missing prerequisite");
    assertThat(noted()).isEmpty();
  }

  @Test
  void isListedInFullByTheLauncherBeforeItIsBuilt() throws IOException {
    String launcher = Files.readString(Path.of("../tandem"));
    Console console = new Console(System.out, System.err, false);
    String verbs =
        String.join(", ", new CommandLine(new Tandem(console)).getSubcommands().keySet());
    assertThat(launcher).contains("'Verbs: " + verbs + ".'");
  }

  @Test
  void givesEveryVerbItsOwnHelp() {
    assertThat(run("report", "--help")).isZero();
    assertThat(printed()).contains("Usage: tandem report", "RUN", "--json").doesNotContain("debug");
  }

  @Test
  void printsItsVersionAndThatOfTheJdk() {
    assertThat(run("--version")).isZero();
    assertThat(printed()).startsWith("tandem 0.").contains("JDK " + Runtime.version());
  }

  @Test
  void printsOneJsonObjectAsTheLastLine() throws IOException {
    assertThat(run("version", "--json")).isZero();
    JsonNode facts = new ObjectMapper().readTree(printed().lines().toList().getLast());
    assertThat(facts.get("jdk").textValue()).isEqualTo(Runtime.version().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''            | tandem: a verb is missing; see tandem --help
          repotr        | tandem: unmatched argument at index 0: 'repotr'; did you mean report?; see tandem --help
          report        | tandem: missing required parameter: 'RUN'; see tandem report --help
          version --jsn | tandem: unknown option: '--jsn'; did you mean --json?; see tandem version --help
          """)
  void explainsAWrongCommandLineInOneSentence(String line, String sentence) {
    assertThat(run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);
    assertThat(noted()).isEqualTo(sentence + "\n");
    assertThat(printed()).isEmpty();
  }

  @Test
  void refusesToReportAFolderThatIsNoRun() {
    assertThat(run("report", folder.toString())).isEqualTo(2);
    assertThat(noted())
        .isEqualTo(
            "tandem: %s holds no run; name the folder that was given to train as --out\n"
                .formatted(folder));
  }

  @Test
  void writesTheReportAndPrintsWhereItIs() throws IOException {
    Files.writeString(folder.resolve("config.yaml"), "rounds: 1\n");
    assertThat(run("report", folder.toString())).isZero();
    assertThat(printed()).isEqualTo(folder.resolve("report.html") + "\n");
    assertThat(folder.resolve("report.html")).isNotEmptyFile();
  }

  @Test
  void explainsADamagedRunInOneSentence() throws IOException {
    Files.writeString(folder.resolve("config.yaml"), "rounds: 1\n");
    Files.writeString(
        folder.resolve("metrics.jsonl"), "{\"round\": 0}\nnonsense\n{\"round\": 1}\n");
    assertThat(run("report", folder.toString())).isEqualTo(1);
    assertThat(noted())
        .isEqualTo(
            "tandem: %s line 2 is not a JSON object\n".formatted(folder.resolve("metrics.jsonl")));
  }

  private int run(String... arguments) {
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false);
    return Tandem.run(console, new Failures(console, folder), arguments);
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String noted() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
