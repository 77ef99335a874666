package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.trainer.doctor.Machine;
import dev.tandem.trainer.model.torch.CpuFacts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DoctorVerbTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
  private final Console console = new Console(stream, stream, false);

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void findsTheJdkAndTheLibtorchThatRunThisTest() {
    assertThat(Tandem.run(console, new Failures(console, Path.of("")), "doctor")).isZero();
    assertThat(printed())
        .containsPattern("(?m)^JDK +(found|too old) +25\\.")
        .containsPattern("(?m)^libtorch +found +\\d+\\.\\d+\\.\\d+ \\((cpu|cu\\d+).*\\) in /")
        .contains("Training can run here.");
  }

  @Test
  void aMachineThatCannotTrainIsAMissingPrerequisite() throws IOException {
    Machine machine =
        new Machine(
            Runtime.Version.parse("25.0.3"),
            true,
            new Machine.NotLoaded("no such file"),
            Optional.empty(),
            "amd64",
            new CpuFacts("", Set.of()),
            2,
            8L << 30,
            8L << 30,
            Map.of());
    assertThat(DoctorVerb.report(console, machine, List.of(), true))
        .isEqualTo(ExitCode.MISSING_PREREQUISITE);
    JsonNode report = new ObjectMapper().readTree(printed());
    assertThat(report.path("ready").booleanValue()).isFalse();
    JsonNode libTorch = report.path("findings").get(2);
    assertThat(libTorch.path("name").textValue()).isEqualTo("libtorch");
    assertThat(libTorch.path("state").textValue()).isEqualTo("missing");
    assertThat(libTorch.path("required").booleanValue()).isTrue();
    assertThat(libTorch.path("remedy").textValue()).isNotEmpty();
  }
}
