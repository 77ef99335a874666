package dev.tandem.rollout.house.world;

import java.util.Optional;

/** The six task types as goals. */
public sealed interface Goal {
  /** The thing the goal is about. */
  Thing thing();

  /** Name of the task type. */
  String category();

  /** The goal in words. */
  String text();

  /** Whether a thing of the goal's kind that lies at this place needs nothing done to it. */
  boolean isServedAt(String place);

  /** The goal that has this text; empty when none has. */
  static Optional<Goal> parse(String text) {
    return Optional.ofNullable(Goals.BY_TEXT.get(text));
  }

  /** Put one thing, treated or not, in or on a kind of place. */
  record Place(Thing thing, Receptacle target, Optional<Treatment> treatment) implements Goal {
    @Override
    public String category() {
      return treatment.map(Treatment::verb).orElse("place");
    }

    @Override
    public String text() {
      String treated =
          treatment.map(kind -> "a " + kind.adjective).orElse(thing.article()) + " " + thing.word();
      return "put %s %s %s".formatted(treated, target.preposition(), target.word());
    }

    @Override
    public boolean isServedAt(String place) {
      return treatment.isEmpty() && target.isKindOf(place);
    }
  }

  /** Hold a thing under the lit lamp. */
  record LookInLight(Thing thing) implements Goal {
    @Override
    public String category() {
      return "light";
    }

    @Override
    public String text() {
      return "look at %s %s under the lamp".formatted(thing.article(), thing.word());
    }

    @Override
    public boolean isServedAt(String place) {
      return false;
    }
  }

  /** Put two things of a kind in or on a kind of place. */
  record PlaceTwo(Thing thing, Receptacle target) implements Goal {
    @Override
    public String category() {
      return "two";
    }

    @Override
    public String text() {
      return "put two %s %s %s".formatted(thing.word(), target.preposition(), target.word());
    }

    @Override
    public boolean isServedAt(String place) {
      return target.isKindOf(place);
    }
  }
}
