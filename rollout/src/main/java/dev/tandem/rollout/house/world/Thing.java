package dev.tandem.rollout.house.world;

import static dev.tandem.rollout.house.world.Receptacle.*;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Kinds of things, where they are likely to be, and what can be done to them. */
@SuppressWarnings("ImmutableEnumChecker") // both collections are unmodifiable
public enum Thing {
  MUG(Set.of(Treatment.CLEAN, Treatment.HEAT, Treatment.COOL), COUNTERTOP, CABINET, SHELF),
  CUP(Set.of(Treatment.CLEAN, Treatment.HEAT, Treatment.COOL), CABINET, COUNTERTOP, SINKBASIN),
  PLATE(Set.of(Treatment.CLEAN, Treatment.HEAT, Treatment.COOL), CABINET, TABLE, COUNTERTOP),
  BOWL(Set.of(Treatment.CLEAN, Treatment.COOL), CABINET, SHELF, TABLE),
  KNIFE(Set.of(Treatment.CLEAN), DRAWER, COUNTERTOP, TABLE),
  SPOON(Set.of(Treatment.CLEAN), DRAWER, SINKBASIN, COUNTERTOP),
  APPLE(Set.of(Treatment.CLEAN, Treatment.HEAT, Treatment.COOL), FRIDGE, TABLE, COUNTERTOP),
  POTATO(Set.of(Treatment.CLEAN, Treatment.HEAT, Treatment.COOL), SINKBASIN, FRIDGE, COUNTERTOP),
  TOMATO(Set.of(Treatment.CLEAN, Treatment.HEAT, Treatment.COOL), FRIDGE, COUNTERTOP, TABLE),
  EGG(Set.of(Treatment.HEAT, Treatment.COOL), FRIDGE, COUNTERTOP, MICROWAVE),
  BREAD(Set.of(Treatment.HEAT, Treatment.COOL), COUNTERTOP, TABLE, CABINET),
  LETTUCE(Set.of(Treatment.CLEAN, Treatment.COOL), FRIDGE, SINKBASIN, COUNTERTOP),
  BOOK(Set.of(), DESK, BED, SHELF),
  PEN(Set.of(), DESK, DRAWER, SHELF),
  CD(Set.of(), DESK, DRAWER, SHELF),
  WATCH(Set.of(), DRAWER, DESK, SHELF),
  CLOTH(Set.of(Treatment.CLEAN), SINKBASIN, CABINET, DRAWER),
  SOAP(Set.of(), SINKBASIN, CABINET, COUNTERTOP);

  final Set<Treatment> treatments;

  /** Likely places, likeliest first. */
  final List<Receptacle> likely;

  Thing(Set<Treatment> treatments, Receptacle first, Receptacle second, Receptacle third) {
    this.treatments = treatments;
    this.likely = List.of(first, second, third);
  }

  /** The indefinite article of the kind's word. */
  String article() {
    return this == APPLE || this == EGG ? "an" : "a";
  }

  /** Whether the thing's name, such as {@code mug 2}, is of this kind. */
  public boolean isKindOf(String thing) {
    return thing.startsWith(word() + " ");
  }

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
