package dev.tandem.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tandem.trainer.doctor.Machine;
import dev.tandem.trainer.model.torch.CpuFacts;
import dev.tandem.trainer.model.torch.LossHead;
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
  void saysWhatAModelTakesByMode() {
    assertThat(doctor("--model", "qwen2.5-7b")).isZero();
    assertThat(printed())
        .contains("qwen2.5-7b: 7,615,616,512 parameters")
        .containsPattern(
            "(?m)^bfloat16 inference +\\d+\\.\\d\\d GB +[\\d,]+ +[\\d,]+  weights 15\\.23")
        .containsPattern(
            "(?m)^bfloat16 LoRA step, layers recomputed +\\d+\\.\\d\\d GB +[\\d,]+ +[\\d,]+ ")
        .containsPattern("(?m)^float32 full step +\\d+\\.\\d\\d GB +too large +too large ");
  }

  @Test
  void saysItToScriptsToo() throws IOException {
    assertThat(doctor("--model", "qwen2.5-0.5b", "--microbatch-tokens", "2048", "--json")).isZero();
    JsonNode report = new ObjectMapper().readTree(printed());
    assertThat(report.path("parameters").asLong()).isEqualTo(494_032_768);
    assertThat(report.path("microbatch_tokens").asInt()).isEqualTo(2048);
    JsonNode inference = report.path("modes").path(0);
    assertThat(inference.path("mode").asText()).isEqualTo("inference");
    assertThat(inference.path("parts").path("weights").asLong()).isEqualTo(2 * 494_032_768L);
    assertThat(inference.path("cards").path("80 GB").path("fits").asBoolean()).isTrue();
    assertThat(inference.path("cache_bytes_per_sequence").asLong()).isEqualTo(1_024 * 12_288);
  }

  @Test
  void namesTheShapesThatItKnows() {
    assertThat(doctor("--model", "nothing-here")).isEqualTo(2);
    assertThat(printed()).contains("--model nothing-here is no folder").contains("qwen2.5-3b");
  }

  private int doctor(String... options) {
    String[] arguments = new String[options.length + 1];
    arguments[0] = "doctor";
    System.arraycopy(options, 0, arguments, 1, options.length);
    return Tandem.run(console, new Failures(console, Path.of("")), arguments);
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
            new Machine.CpuKernels("scalar", Optional.of("No C2 here."), LossHead.KERNELS),
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
    JsonNode scores = report.path("kernels").get(0);
    assertThat(scores.path("where").textValue()).isEqualTo("CPU, float32 and bfloat16");
    assertThat(scores.path("by").textValue()).isEqualTo("kernels, scalar");
  }
}
