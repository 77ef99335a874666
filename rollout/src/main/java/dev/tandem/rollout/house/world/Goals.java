package dev.tandem.rollout.house.world;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every goal that there can be, likely or not. */
final class Goals {
  static final Map<String, Goal> BY_TEXT =
      Arrays.stream(Thing.values())
          .flatMap(Goals::of)
          .collect(Collectors.toUnmodifiableMap(Goal::text, Function.identity()));

  private Goals() {}

  private static Stream<Goal> of(Thing thing) {
    return Stream.concat(
        Stream.of(new Goal.LookInLight(thing)),
        Arrays.stream(Receptacle.values()).flatMap(target -> of(thing, target)));
  }

  private static Stream<Goal> of(Thing thing, Receptacle target) {
    return Stream.of(
            Stream.of(
                new Goal.PlaceTwo(thing, target), new Goal.Place(thing, target, Optional.empty())),
            thing.treatments.stream()
                .map(treatment -> new Goal.Place(thing, target, Optional.of(treatment))))
        .flatMap(Function.identity());
  }
}
