package dev.tandem.rollout.house.world;

import dev.tandem.rollout.RandomStreams;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Makes the house of an index, always the same one. Task types take turns, so that every range of
 * indices is balanced.
 */
public final class HouseGenerator {
  public static final int TASK_TYPES = 6;
  private static final long WORLD_SEED = 20_26L;
  private static final double LIKELY_PLACE = 0.8;
  private static final int FEWEST_DISTRACTORS = 6;
  private static final int MOST_DISTRACTORS = 10;
  private static final int MOST_OF_A_KIND = 3;
  private static final Set<Receptacle> TARGETS =
      EnumSet.of(
          Receptacle.CABINET,
          Receptacle.DRAWER,
          Receptacle.SHELF,
          Receptacle.COUNTERTOP,
          Receptacle.TABLE,
          Receptacle.DESK,
          Receptacle.BED);
  private static final List<Receptacle> LAMP_PLACES =
      List.of(Receptacle.DESK, Receptacle.DESK, Receptacle.TABLE, Receptacle.SHELF, Receptacle.BED);

  private HouseGenerator() {}

  public static HouseTask generate(int index) {
    SplittableRandom random = RandomStreams.stream(WORLD_SEED, "house", index);
    Goal goal = goal(index % TASK_TYPES, random);
    List<Receptacle> places = new ArrayList<>();
    for (Receptacle kind : Receptacle.values()) {
      int count = random.nextInt(kind.fewest, kind.most + 1);
      places.addAll(Collections.nCopies(count, kind));
    }
    List<Integer> listing = new ArrayList<>();
    for (int place = 0; place < places.size(); place++) {
      listing.add(random.nextInt(listing.size() + 1), place);
    }
    List<Thing> things = new ArrayList<>();
    List<Integer> positions = new ArrayList<>();
    int wanted = goal instanceof Goal.PlaceTwo ? 2 : 1;
    wanted += random.nextInt(2);
    for (int i = 0; i < wanted; i++) {
      add(goal.thing(), places, goal, things, positions, random);
    }
    int distractors = random.nextInt(FEWEST_DISTRACTORS, MOST_DISTRACTORS + 1);
    for (int i = 0; i < distractors; i++) {
      Thing kind = pick(EnumSet.allOf(Thing.class), random);
      if (kind != goal.thing() && Collections.frequency(things, kind) < MOST_OF_A_KIND) {
        add(kind, places, goal, things, positions, random);
      }
    }
    Receptacle lampKind = LAMP_PLACES.get(random.nextInt(LAMP_PLACES.size()));
    return new HouseTask(goal, places, listing, things, positions, anyOf(lampKind, places, random));
  }

  private static Goal goal(int type, SplittableRandom random) {
    return switch (type) {
      case 0 -> place(Optional.empty(), random);
      case 1 -> new Goal.LookInLight(pick(EnumSet.range(Thing.MUG, Thing.CLOTH), random));
      case 2 -> place(Optional.of(Treatment.CLEAN), random);
      case 3 -> place(Optional.of(Treatment.HEAT), random);
      case 4 -> place(Optional.of(Treatment.COOL), random);
      case 5 -> new Goal.PlaceTwo(pick(EnumSet.allOf(Thing.class), random), pick(TARGETS, random));
      default -> throw new IllegalArgumentException("task type must be in 0..5, was " + type);
    };
  }

  private static Goal place(Optional<Treatment> treatment, SplittableRandom random) {
    Set<Thing> candidates = EnumSet.allOf(Thing.class);
    treatment.ifPresent(kind -> candidates.removeIf(thing -> !thing.treatments.contains(kind)));
    return new Goal.Place(pick(candidates, random), pick(TARGETS, random), treatment);
  }

  private static <T> T pick(Set<T> candidates, SplittableRandom random) {
    return List.copyOf(candidates).get(random.nextInt(candidates.size()));
  }

  /**
   * Puts a thing where it is likely to be, or anywhere; the goal's thing never where it is wanted.
   */
  private static void add(
      Thing kind,
      List<Receptacle> places,
      Goal goal,
      List<Thing> things,
      List<Integer> positions,
      SplittableRandom random) {
    boolean wanted = kind == goal.thing();
    int place;
    do {
      place =
          random.nextDouble() < LIKELY_PLACE
              ? anyOf(kind.likely.get(random.nextInt(kind.likely.size())), places, random)
              : random.nextInt(places.size());
    } while (wanted && isTarget(goal, places.get(place)));
    things.add(kind);
    positions.add(place);
  }

  private static boolean isTarget(Goal goal, Receptacle kind) {
    return switch (goal) {
      case Goal.Place place -> place.target() == kind;
      case Goal.PlaceTwo two -> two.target() == kind;
      case Goal.LookInLight ignored -> false;
    };
  }

  private static int anyOf(Receptacle kind, List<Receptacle> places, SplittableRandom random) {
    int first = places.indexOf(kind);
    return first + random.nextInt(Collections.frequency(places, kind));
  }
}
