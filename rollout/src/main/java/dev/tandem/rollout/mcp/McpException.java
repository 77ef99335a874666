package dev.tandem.rollout.mcp;

/** An MCP server that cannot be used. */
public final class McpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  McpException(String message) {
    super(message);
  }

  McpException(String message, Throwable cause) {
    super(message, cause);
  }
}
