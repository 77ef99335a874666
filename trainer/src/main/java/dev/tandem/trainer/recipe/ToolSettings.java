package dev.tandem.trainer.recipe;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tools that the harness brings along, beside those of the environment; its slot {@code tools} says
 * which of them the model may use.
 *
 * @param files whether there are tools for the files of the workspace: list_files, read_file and
 *     write_file
 * @param mcp MCP servers by name; their tools are called {@code name__tool}
 */
public record ToolSettings(boolean files, Map<String, Server> mcp) {
  public static final ToolSettings DEFAULTS = new ToolSettings(false, Map.of());

  /**
   * A server that is started for the run and talks over standard input and output.
   *
   * @param command program and arguments
   * @param environment variables beside those that every program needs
   * @param startTimeout seconds until it must be ready; 30 if not given
   * @param callTimeout seconds that a call may take; 30 if not given
   */
  public record Server(
      List<String> command,
      @Nullable Map<String, String> environment,
      @Nullable Double startTimeout,
      @Nullable Double callTimeout) {
    public Server {
      if (command.isEmpty()) {
        throw new IllegalArgumentException("command must name a program");
      }
      if (startTimeout != null) {
        Require.within("start_timeout", startTimeout, 0.001, 1e6);
      }
      if (callTimeout != null) {
        Require.within("call_timeout", callTimeout, 0.001, 1e6);
      }
    }
  }
}
