package dev.tandem.rollout.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tandem.harness.tool.InputSchema;
import dev.tandem.harness.tool.Tool;
import dev.tandem.harness.tool.ToolOutput;
import dev.tandem.harness.tool.ToolRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against the protocol's own test server from npm, which is installed below target once. */
@Timeout(120)
class McpServerTest {
  private static final Path HOME = Path.of("target", "mcp-server").toAbsolutePath();
  private static final Path PROGRAM =
      HOME.resolve("node_modules/@modelcontextprotocol/server-everything/dist/index.js");

  @BeforeAll
  static void installTheServer() throws InterruptedException {
    if (!Files.exists(PROGRAM)) {
      assumeTrue(
          run(
              "npm",
              "install",
              "--silent",
              "--no-audit",
              "--no-fund",
              "--prefix",
              HOME.toString(),
              "@modelcontextprotocol/server-everything@2026.8.31"),
          "skipped: the MCP server from npm could not be installed (no npm, or no registry)");
    }
    assumeTrue(run("node", "--version"), "skipped: there is no node");
  }

  private static boolean run(String... command) throws InterruptedException {
    try {
      Files.createDirectories(HOME);
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(90, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  private static McpServer start(Duration callTimeout) {
    return McpServer.start(
        new McpServer.Settings(
            "everything",
            List.of("node", PROGRAM.toString(), "stdio"),
            Map.of(),
            Duration.ofSeconds(60),
            callTimeout));
  }

  private static Tool tool(McpServer server, String name) {
    return new ToolRegistry(server.tools()).find("everything__" + name).orElseThrow();
  }

  /** Server processes of this JVM. */
  private static List<ProcessHandle> servers() {
    return ProcessHandle.current()
        .descendants()
        .filter(
            process ->
                process
                    .info()
                    .commandLine()
                    .map(line -> line.contains("server-everything"))
                    .orElse(false))
        .toList();
  }

  @Test
  void toolsOfARealServerAnswer() {
    try (McpServer server = start(Duration.ofSeconds(30))) {
      Tool echo = tool(server, "echo");

      assertThat(echo.spec().description()).isNotBlank();
      assertThat(InputSchema.of(echo.spec()).problems("{}")).isNotEmpty();
      assertThat(echo.handler().call("{\"message\": \"good morning\"}"))
          .satisfies(output -> assertThat(output.text()).contains("good morning"))
          .extracting(ToolOutput::error)
          .isEqualTo(false);
      assertThat(tool(server, "get-tiny-image").handler().call("{}").text()).contains("[image]");
    }
  }

  @Test
  void invalidCallIsAnErrorResult() {
    try (McpServer server = start(Duration.ofSeconds(30))) {
      ToolOutput output = tool(server, "echo").handler().call("{\"massage\": 1}");

      assertThat(output.error()).isTrue();
      assertThat(output.text()).contains("message");
    }
  }

  @Test
  void callThatTakesTooLongIsAnErrorResultAndTheServerGoesOn() {
    try (McpServer server = start(Duration.ofSeconds(3))) {
      ToolOutput slow =
          tool(server, "trigger-long-running-operation")
              .handler()
              .call("{\"duration\": 60, \"steps\": 1}");

      assertThat(slow.error()).isTrue();
      assertThat(slow.text()).contains("MCP server 'everything' gave no result", "3000ms");
      assertThat(tool(server, "echo").handler().call("{\"message\": \"still here\"}").text())
          .contains("still here");
    }
  }

  @Test
  void deathOfTheServerInACallIsAnErrorResult() {
    try (McpServer server = start(Duration.ofSeconds(5))) {
      CompletableFuture<ToolOutput> call =
          CompletableFuture.supplyAsync(
              () ->
                  tool(server, "trigger-long-running-operation")
                      .handler()
                      .call("{\"duration\": 60, \"steps\": 1}"));
      servers().forEach(ProcessHandle::destroyForcibly);

      assertThat(call.join().error()).isTrue();
      assertThat(tool(server, "echo").handler().call("{\"message\": \"x\"}").error()).isTrue();
    }
  }

  @Test
  void closingEndsTheProcess() {
    McpServer server = start(Duration.ofSeconds(30));
    List<ProcessHandle> running = servers();
    assertThat(running).isNotEmpty();

    server.close();

    assertThat(running).allSatisfy(process -> assertThat(process.isAlive()).isFalse());
  }

  @Test
  void whatIsNoServerIsRefusedWithItsCommand() {
    McpServer.Settings ghost =
        new McpServer.Settings(
            "ghost", List.of("/no/such"), Map.of(), Duration.ofSeconds(1), Duration.ofSeconds(1));

    assertThatThrownBy(() -> McpServer.start(ghost))
        .isInstanceOf(McpException.class)
        .hasMessageContaining("'ghost' did not start")
        .hasMessageContaining("/no/such");
  }
}
