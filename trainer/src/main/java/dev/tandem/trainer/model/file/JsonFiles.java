package dev.tandem.trainer.model.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** JSON files of a checkpoint. */
public final class JsonFiles {

  public static final ObjectMapper MAPPER = new ObjectMapper();

  private JsonFiles() {}

  public static JsonNode read(Path file) {
    return read(file, MAPPER.reader());
  }

  /** Reads a file that must not give a key twice, since readers differ in which one they take. */
  public static JsonNode readUnambiguous(Path file) {
    return read(file, MAPPER.reader().with(StreamReadFeature.STRICT_DUPLICATE_DETECTION));
  }

  private static JsonNode read(Path file, ObjectReader reader) {
    try {
      return reader.readTree(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new CheckpointException(
          file, "the file is missing; name the directory of a complete checkpoint", e);
    } catch (JsonProcessingException e) {
      if (e.getOriginalMessage().startsWith("Duplicate field")) {
        throw new CheckpointException(
            file,
            "gives a key a second time at line %d (%s); keep one"
                .formatted(e.getLocation().getLineNr(), e.getOriginalMessage()),
            e);
      }
      throw new CheckpointException(
          file,
          "not valid JSON at line %d, column %d; copy the file again"
              .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()),
          e);
    } catch (IOException e) {
      throw new CheckpointException(file, "cannot be read (" + e.getMessage() + ")", e);
    }
  }

  /** Returns indented JSON with a final line feed. */
  public static byte[] bytes(JsonNode node) {
    try {
      byte[] json = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(node);
      byte[] line = java.util.Arrays.copyOf(json, json.length + 1);
      line[json.length] = '\n';
      return line;
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("a JSON tree always serialises", e);
    }
  }
}
