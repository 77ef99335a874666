package dev.tandem.harness.processor.memory;

import dev.tandem.harness.value.ContentHash;
import dev.tandem.harness.value.Identified;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What was learnt in earlier episodes: a service for {@code retrieval_memory}. An episode reads the
 * lessons it was given, always the same ones in the same order, whatever other episodes do
 * meanwhile; what it learns goes to {@code learned}, and whoever keeps the memory makes the next
 * one of it. At evaluation nothing is learned.
 *
 * @param lessons oldest first
 * @param learned told of each new lesson, by many threads at once
 */
public record EpisodeMemory(List<Lesson> lessons, Consumer<Lesson> learned) implements Identified {
  /**
   * One episode, in short.
   *
   * @param goal its task in words
   * @param text what to know of it
   */
  public record Lesson(String goal, String text) {}

  public EpisodeMemory {
    lessons = List.copyOf(lessons);
  }

  /** The lessons: where new ones go does not bear on the episode. */
  @Override
  public String contentHash() {
    return ContentHash.of(
        lessons.stream().map(lesson -> List.of(lesson.goal(), lesson.text())).toList());
  }

  /** A memory that is only read, as at evaluation. */
  public static EpisodeMemory readOnly(List<Lesson> lessons) {
    return new EpisodeMemory(lessons, _ -> {});
  }

  /**
   * The lessons whose goals have most words in common with this one: best first, of equals the
   * newest first; none without a common word.
   */
  List<Lesson> closest(String goal, int limit) {
    Set<String> words = words(goal);
    record Scored(Lesson lesson, int common, int age) {}
    List<Scored> scored = new ArrayList<>();
    for (int i = 0; i < lessons.size(); i++) {
      Set<String> common = words(lessons.get(i).goal());
      common.retainAll(words);
      if (!common.isEmpty()) {
        scored.add(new Scored(lessons.get(i), common.size(), lessons.size() - i));
      }
    }
    return scored.stream()
        .sorted(Comparator.comparingInt(Scored::common).reversed().thenComparingInt(Scored::age))
        .limit(limit)
        .map(Scored::lesson)
        .toList();
  }

  private static Set<String> words(String text) {
    return new HashSet<>(Arrays.asList(text.split(" ", -1)));
  }
}
