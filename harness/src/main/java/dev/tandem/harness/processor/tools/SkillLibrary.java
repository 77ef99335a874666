package dev.tandem.harness.processor.tools;

import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.Identified;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Documents that explain how to do something: a service for {@code skill_documents}. The model sees
 * their titles and loads what it needs.
 */
public final class SkillLibrary implements Identified {
  private final SequencedMap<String, Skill> skills = new LinkedHashMap<>();

  /**
   * One document.
   *
   * @param name by which it is loaded, one word
   * @param title what it is about, in a line
   */
  public record Skill(String name, String title, String text) {
    public Skill {
      if (!name.matches("\\S+")) {
        throw new IllegalArgumentException(
            "a skill's name must be one word, was '%s'".formatted(name));
      }
    }
  }

  /**
   * @throws IllegalArgumentException when two share a name
   */
  public SkillLibrary(List<Skill> skills) {
    for (Skill skill : skills) {
      if (this.skills.put(skill.name(), skill) != null) {
        throw new IllegalArgumentException(
            "skill names must be unique, '%s' was given twice".formatted(skill.name()));
      }
    }
  }

  @Override
  public String contentHash() {
    return ContentHash.of(
        skills.values().stream()
            .map(skill -> List.of(skill.name(), skill.title(), skill.text()))
            .toList());
  }

  List<Skill> skills() {
    return List.copyOf(skills.values());
  }

  Optional<Skill> find(String name) {
    return Optional.ofNullable(skills.get(name));
  }
}
