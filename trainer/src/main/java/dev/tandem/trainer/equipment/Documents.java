package dev.tandem.trainer.equipment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.harness.processor.memory.EpisodeMemory;
import dev.tandem.harness.processor.tools.SkillLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Services that are files. */
final class Documents {
  private static final JsonMapper JSON = new JsonMapper();

  private Documents() {}

  /** A memory that is only read, so that every episode of a run has the same. */
  static EpisodeMemory memory(Path file) {
    List<EpisodeMemory.Lesson> lessons = new ArrayList<>();
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new EquipmentException(
          "services.memory: %s cannot be read; name a file of lessons".formatted(file), e);
    }
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isBlank()) {
        lessons.add(lesson(lines.get(i), "%s:%d".formatted(file, i + 1)));
      }
    }
    return EpisodeMemory.readOnly(lessons);
  }

  private static EpisodeMemory.Lesson lesson(String line, String where) {
    try {
      JsonNode node = JSON.readTree(line);
      if (node.path("goal").isTextual() && node.path("text").isTextual()) {
        return new EpisodeMemory.Lesson(
            node.path("goal").textValue(), node.path("text").textValue());
      }
    } catch (JsonProcessingException notJson) {
      throw new EquipmentException(
          "services.memory: %s is not JSON; write {\"goal\": .., \"text\": ..}".formatted(where),
          notJson);
    }
    throw new EquipmentException(
        "services.memory: %s lacks a goal or a text; write {\"goal\": .., \"text\": ..}"
            .formatted(where));
  }

  /** The documents of a folder, in the order of their names. */
  static SkillLibrary skills(Path folder) {
    List<SkillLibrary.Skill> skills = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = file.getFileName().toString();
        String text = Files.readString(file);
        skills.add(
            new SkillLibrary.Skill(
                name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name,
                text.lines().findFirst().orElse("").replaceFirst("^#+\\s*", "").strip(),
                text));
      }
      return new SkillLibrary(skills);
    } catch (IOException e) {
      throw new EquipmentException(
          "services.skills: %s cannot be read; name a folder of text files".formatted(folder), e);
    } catch (IllegalArgumentException e) {
      throw new EquipmentException(
          "services.skills: in %s %s".formatted(folder, e.getMessage()), e);
    }
  }
}
