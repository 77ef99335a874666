package dev.tandem.harness.processor.workspace;

import dev.tandem.harness.processor.support.ToolInput;
import dev.tandem.harness.tool.Tool;
import dev.tandem.harness.tool.ToolOutput;
import dev.tandem.harness.tool.ToolSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Tools for the files of an episode's {@link Workspace}, for a harness's tool registry. */
public final class FileTools {
  private static final String PATH =
      "\"path\":{\"type\":\"string\",\"description\":\"relative to the workspace\"}";

  private static final String VERSION = "1";

  private FileTools() {}

  /** list_files, read_file and write_file. */
  public static List<Tool> all() {
    return List.of(
        new Tool(
            spec("list_files", "Lists all files.", "", ""),
            VERSION,
            input -> ToolOutput.of(String.join("\n", workspace().files()))),
        new Tool(
            spec("read_file", "Reads a text file.", PATH, "\"path\""),
            VERSION,
            input -> read(text(input, "path"))),
        new Tool(
            spec(
                "write_file",
                "Writes a text file, in the place of what it held before.",
                PATH + ",\"text\":{\"type\":\"string\"}",
                "\"path\",\"text\""),
            VERSION,
            input -> write(text(input, "path"), text(input, "text"))));
  }

  private static ToolSpec spec(
      String name, String description, String properties, String required) {
    return new ToolSpec(
        name,
        description,
        "{\"type\":\"object\",\"properties\":{%s},\"required\":[%s],\"additionalProperties\":false}"
            .formatted(properties, required));
  }

  private static ToolOutput read(String path) {
    try {
      return ToolOutput.of(Files.readString(workspace().resolve(path)));
    } catch (IOException | IllegalArgumentException e) {
      return ToolOutput.failed("'%s' cannot be read: %s".formatted(path, e.getMessage()));
    }
  }

  private static ToolOutput write(String path, String text) {
    try {
      Path file = workspace().resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
      return ToolOutput.of("written");
    } catch (IOException | IllegalArgumentException e) {
      return ToolOutput.failed("'%s' cannot be written: %s".formatted(path, e.getMessage()));
    }
  }

  private static Workspace workspace() {
    return Workspace.current()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "the episode has no workspace: put the processor 'workspace' into its"
                        + " harness"));
  }

  /** A field that the schema requires. */
  private static String text(String input, String field) {
    return ToolInput.parse(input).orElseThrow().path(field).asText();
  }
}
