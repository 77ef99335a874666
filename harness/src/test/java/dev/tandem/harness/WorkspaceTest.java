package dev.tandem.harness;

import static dev.tandem.harness.ScriptedToolUser.use;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Budget;
import dev.tandem.harness.processor.workspace.FileTools;
import dev.tandem.harness.processor.workspace.Workspace;
import dev.tandem.harness.run.EpisodeRunner;
import dev.tandem.harness.spi.Services;
import dev.tandem.harness.tool.ToolRegistry;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Slots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The execution environment: whose files an episode works on, and where code may run. */
final class WorkspaceTest {
  private static final ToolUse READ = use("read_file", "{\"path\":\"a.txt\"}");
  private static final ToolUse WRITE = use("write_file", "{\"path\":\"a.txt\",\"text\":\"new\"}");

  @TempDir private Path source = Path.of("");

  @BeforeEach
  void putAFileThere() throws IOException {
    Files.writeString(source.resolve("a.txt"), "old");
  }

  private ScriptedToolUser play(Slots.WorkspaceMode mode, ToolUse... uses) {
    Slots slots =
        new Slots(List.of("*"), mode, Slots.Sandbox.WORKER, List.of(), "", source.toString());
    ScriptedToolUser model = new ScriptedToolUser("done", uses);
    EpisodeRunner.run(
        Harness.compile(
            HarnessConfig.of(ProcessorSpec.of("workspace")).withSlots(slots),
            ProcessorRegistry.builtIn(),
            Services.NONE.with(ToolRegistry.class, new ToolRegistry(FileTools.all()))),
        new CounterWorld(),
        model,
        new Budget(9, 1, 1_000_000),
        1);
    return model;
  }

  @Test
  void aCopyIsTheEpisodesOwnAndGoesWithIt() throws IOException {
    ScriptedToolUser model = play(Slots.WorkspaceMode.COPY, READ, WRITE, READ);
    assertThat(model.requests.getFirst().messages().getFirst().content())
        .isEqualTo("files : a.txt .");
    assertThat(model.prompts()).containsExactly("count to 5", "old", "written", "new");
    assertThat(Files.readString(source.resolve("a.txt"))).isEqualTo("old");
    assertThat(Workspace.current()).isEmpty();
  }

  @Test
  void aSharedFolderIsWorkedOnInPlace() throws IOException {
    play(Slots.WorkspaceMode.SHARED, WRITE);
    assertThat(Files.readString(source.resolve("a.txt"))).isEqualTo("new");
  }

  @Test
  void aScratchFolderIsEmptyAtFirst() {
    ScriptedToolUser model =
        play(Slots.WorkspaceMode.SCRATCH, use("list_files", "{}"), WRITE, use("list_files", "{}"));
    assertThat(model.prompts()).containsExactly("count to 5", "", "written", "a.txt");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../secret", "/etc/passwd", "link/secret", "x/../../secret"})
  void nothingOutsideIsReached(String path) throws IOException {
    Path outside = Files.createTempDirectory(source.getParent(), "outside");
    Files.writeString(outside.resolve("secret"), "secret");
    Files.createSymbolicLink(source.resolve("link"), outside);
    ScriptedToolUser model =
        play(
            Slots.WorkspaceMode.SHARED,
            use("read_file", "{\"path\":\"%s\"}".formatted(path)),
            use("write_file", "{\"path\":\"%s\",\"text\":\"x\"}".formatted(path)));
    assertThat(model.prompts().get(1)).contains("outside the workspace");
    assertThat(model.prompts().get(2)).contains("outside the workspace");
    assertThat(Files.readString(outside.resolve("secret"))).isEqualTo("secret");
  }

  @Test
  void aWorkspaceThatTheSlotsDoNotProvideIsRefused() {
    assertThatThrownBy(() -> play(Slots.WorkspaceMode.NONE))
        .isInstanceOf(HarnessException.class)
        .hasMessageContaining("slot 'workspace' is none");
  }

  @Test
  void codeIsRefusedWhereTheSandboxForbidsIt() {
    ProcessorSpec code =
        ProcessorSpec.of(
            "javascript", Map.of("name", "mine", "hooks", List.of("step_end"), "code", "return;"));
    Slots forbidding =
        new Slots(
            List.of("*"), Slots.WorkspaceMode.NONE, Slots.Sandbox.FORBIDDEN, List.of(), "", "");
    Harness harness =
        Harness.compile(HarnessConfig.of(code).withSlots(forbidding), ProcessorRegistry.builtIn());
    assertThatThrownBy(
            () ->
                EpisodeRunner.run(
                    harness, new TinyHouse(), new ScriptedModel("x"), new Budget(1, 1, 100), 1))
        .isInstanceOf(HarnessException.class)
        .hasMessage(
            "processor 'mine' is code and the slot 'sandbox' forbids code: remove one of them");
  }
}
