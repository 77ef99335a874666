package dev.tandem.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * An MCP server as a process of its own, written from the protocol and not with the client's
 * library: one JSON-RPC message a line. Its tool {@code inspect} always objects, and notes each
 * call in the file that the variable {@code CALLS} names.
 */
final class TestMcpServer {
  private static final ObjectMapper JSON = new ObjectMapper();

  private TestMcpServer() {}

  /** The command that starts it with this JVM's classes. */
  static List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("java.class.path"),
        TestMcpServer.class.getName());
  }

  /** Those that this JVM has running. */
  static long running() {
    return ProcessHandle.current()
        .descendants()
        .filter(
            process ->
                process
                    .info()
                    .commandLine()
                    .map(line -> line.contains(TestMcpServer.class.getName()))
                    .orElse(false))
        .count();
  }

  public static void main(String[] arguments) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode request = JSON.readTree(line);
      if (request.has("id")) {
        ObjectNode answer = JSON.createObjectNode().put("jsonrpc", "2.0");
        answer.set("id", request.path("id"));
        answer.set("result", result(request));
        out.println(answer);
      }
    }
  }

  private static JsonNode result(JsonNode request) throws IOException {
    JsonNode parameters = request.path("params");
    return switch (request.path("method").asText()) {
      case "initialize" ->
          JSON.readTree(
              """
              {"protocolVersion": %s, "capabilities": {"tools": {}},
               "serverInfo": {"name": "ward", "version": "%s"}}
              """
                  .formatted(
                      parameters.path("protocolVersion"),
                      System.getenv().getOrDefault("WARD_VERSION", "1")));
      case "tools/list" ->
          JSON.readTree(
              """
              {"tools": [{"name": "inspect", "description": "says what is left to do",
                "inputSchema": {"type": "object", "properties": {}}}]}
              """);
      case "tools/call" -> {
        Files.writeString(
            Path.of(System.getenv("CALLS")),
            parameters.path("name").asText() + "\n",
            StandardOpenOption.CREATE,
            StandardOpenOption.APPEND);
        yield JSON.readTree(
            """
            {"content": [{"type": "text", "text": "nothing happens ."}], "isError": true}
            """);
      }
      default -> JSON.createObjectNode();
    };
  }
}
