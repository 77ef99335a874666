package dev.tandem.harness.model;

import dev.tandem.harness.tool.ToolUse;
import java.util.List;

/**
 * One chat message.
 *
 * @param toolUses the tools an assistant wants to use; empty for every other role
 * @param toolUseId which use a tool message answers; empty for every other role
 */
public record Message(Role role, String content, List<ToolUse> toolUses, String toolUseId) {
  /** Who speaks. */
  public enum Role {
    SYSTEM,
    USER,
    ASSISTANT,
    TOOL
  }

  public Message {
    toolUses = List.copyOf(toolUses);
    if (role != Role.ASSISTANT && !toolUses.isEmpty()) {
      throw new IllegalArgumentException(
          "only an assistant's message may use tools, this one is of the role " + role);
    }
    if (role != Role.TOOL && !toolUseId.isEmpty()) {
      throw new IllegalArgumentException(
          "only a tool's message may answer the tool use '%s', this one is of the role %s"
              .formatted(toolUseId, role));
    }
  }

  public Message(Role role, String content) {
    this(role, content, List.of(), "");
  }

  public static Message system(String content) {
    return new Message(Role.SYSTEM, content);
  }

  public static Message user(String content) {
    return new Message(Role.USER, content);
  }

  public static Message assistant(String content) {
    return new Message(Role.ASSISTANT, content);
  }

  /** An assistant's message that uses tools. */
  public static Message assistant(String content, List<ToolUse> toolUses) {
    return new Message(Role.ASSISTANT, content, toolUses, "");
  }

  /** A tool's answer. */
  public static Message tool(String toolUseId, String content) {
    return new Message(Role.TOOL, content, List.of(), toolUseId);
  }
}
