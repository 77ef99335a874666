package dev.tandem.rollout.mcp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.tool.Tool;
import dev.tandem.harness.tool.ToolOutput;
import dev.tandem.harness.tool.ToolSpec;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.McpJsonDefaults;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running MCP server that talks over standard input and output, and its tools. Episodes share it;
 * whatever goes wrong in a call, the server's death included, is an error result of that call and
 * never an exception. Closing it ends the process.
 */
public final class McpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(McpServer.class);
  private static final JsonMapper JSON = new JsonMapper();
  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  /** Stands between the server's name and the tool's, as in {@code files__read_file}. */
  private static final String SEPARATOR = "__";

  private final Settings settings;
  private final McpSyncClient client;
  private final List<Tool> tools;

  private McpServer(Settings settings, McpSyncClient client) {
    this.settings = settings;
    this.client = client;
    this.tools = client.listTools().tools().stream().map(this::tool).toList();
  }

  /**
   * @param name goes before the names of all its tools; letters, digits and underscores
   * @param command program and arguments
   * @param environment variables beside those that every program needs
   * @param startTimeout how long it may take to be ready
   * @param callTimeout how long a call may take
   */
  public record Settings(
      String name,
      List<String> command,
      Map<String, String> environment,
      Duration startTimeout,
      Duration callTimeout) {
    public Settings {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
      if (!name.matches("[A-Za-z0-9_]+")) {
        throw new IllegalArgumentException(
            "the name of an MCP server must be letters, digits and underscores, was '%s'"
                .formatted(name));
      }
      if (command.isEmpty()) {
        throw new IllegalArgumentException(
            "MCP server '%s' needs a command to start it".formatted(name));
      }
      if (!startTimeout.isPositive() || !callTimeout.isPositive()) {
        throw new IllegalArgumentException(
            "the timeouts of MCP server '%s' must be above 0, were %s and %s"
                .formatted(name, startTimeout, callTimeout));
      }
    }

    /** A server that has half a minute to start and half a minute for each call. */
    public static Settings of(String name, List<String> command) {
      return new Settings(name, command, Map.of(), Duration.ofSeconds(30), Duration.ofSeconds(30));
    }
  }

  /**
   * Starts a server and asks for its tools.
   *
   * @throws McpException when it does not start in time or does not speak the protocol
   */
  public static McpServer start(Settings settings) {
    requireProgram(settings);
    StdioClientTransport transport =
        new StdioClientTransport(
            ServerParameters.builder(settings.command().getFirst())
                .args(settings.command().subList(1, settings.command().size()))
                .env(settings.environment())
                .build(),
            McpJsonDefaults.getMapper());
    transport.setStdErrorHandler(line -> LOG.debug("{}: {}", settings.name(), line));
    McpSyncClient client =
        McpClient.sync(transport)
            .requestTimeout(settings.callTimeout())
            .initializationTimeout(settings.startTimeout())
            .build();
    try {
      client.initialize();
      return new McpServer(settings, client);
    } catch (RuntimeException e) {
      client.closeGracefully();
      throw new McpException(
          "MCP server '%s' did not start (%s): check its command %s"
              .formatted(settings.name(), reason(e), settings.command()),
          e);
    }
  }

  /** The client's library would wait for an answer of a program that is not there. */
  private static void requireProgram(Settings settings) {
    String program = settings.command().getFirst();
    String path = System.getenv("PATH");
    boolean bare = !program.contains(File.separator);
    if (File.separatorChar != '/' || (bare && path == null)) {
      return;
    }
    boolean there =
        bare
            ? Arrays.stream(path.split(File.pathSeparator))
                .anyMatch(folder -> isProgram(Path.of(folder, program)))
            : isProgram(Path.of(program));
    if (!there) {
      throw new McpException(
          "MCP server '%s' did not start (there is no program '%s'%s): check its command %s"
              .formatted(settings.name(), program, bare ? " on the PATH" : "", settings.command()));
    }
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }

  /** The server's tools, for a {@link dev.tandem.harness.tool.ToolRegistry}. */
  public List<Tool> tools() {
    return tools;
  }

  /** Ends the server; calls that are still open fail. */
  @Override
  public void close() {
    client.closeGracefully();
  }

  private Tool tool(McpSchema.Tool tool) {
    return new Tool(
        new ToolSpec(
            settings.name() + SEPARATOR + tool.name(),
            Objects.requireNonNullElse(tool.description(), ""),
            json(tool.inputSchema())),
        version(),
        input -> call(tool.name(), input));
  }

  /** What the server says it is: it must change its version when its tools do something else. */
  private String version() {
    McpSchema.Implementation server = client.getServerInfo();
    return server.name() + " " + server.version();
  }

  private ToolOutput call(String tool, String input) {
    try {
      McpSchema.CallToolResult result =
          client.callTool(
              McpSchema.CallToolRequest.builder(tool)
                  .arguments(JSON.readValue(input, OBJECT))
                  .build());
      return new ToolOutput(text(result), Boolean.TRUE.equals(result.isError()));
    } catch (JsonProcessingException e) {
      return ToolOutput.failed("the input must be a JSON object: " + e.getOriginalMessage());
    } catch (RuntimeException e) {
      // The SDK has no common type for refused, timed-out and broken calls.
      return ToolOutput.failed(
          "MCP server '%s' gave no result: %s".formatted(settings.name(), reason(e)));
    }
  }

  /** All text of a result; what is no text is named by its kind. */
  private static String text(McpSchema.CallToolResult result) {
    List<McpSchema.Content> contents = Objects.requireNonNullElse(result.content(), List.of());
    if (contents.isEmpty() && result.structuredContent() != null) {
      return json(result.structuredContent());
    }
    return contents.stream()
        .map(
            content ->
                content instanceof McpSchema.TextContent text
                    ? text.text()
                    : "[" + content.type() + "]")
        .collect(Collectors.joining("\n"));
  }

  private static String json(@Nullable Object value) {
    try {
      return value == null ? "{\"type\":\"object\"}" : JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what came as JSON could not be written as JSON", e);
    }
  }

  /** The innermost message, which is the one that says something. */
  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
  }
}
