package dev.tandem.rollout.house.processor;

import dev.tandem.harness.event.Observation;
import dev.tandem.rollout.house.world.HouseFacts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * What an episode's observations have shown so far: places searched, and where things were last.
 */
public final class Exploration {
  private final Set<String> searched = new HashSet<>();

  /** Item to place, those of the place seen most recently first, as they lie there. */
  private final SequencedMap<String, String> placeOfItem = new LinkedHashMap<>();

  /** An item and the place where it was seen last. */
  public record Sighting(String item, String place) {}

  public void observe(Observation observation) {
    HouseFacts.of(observation)
        .here()
        .filter(HouseFacts.Place::isSearchable)
        .ifPresent(this::observe);
    HouseFacts.of(observation).holding().forEach(placeOfItem::remove);
  }

  private void observe(HouseFacts.Place here) {
    searched.add(here.name());
    placeOfItem.values().removeIf(here.name()::equals);
    here.contents().reversed().forEach(item -> placeOfItem.putFirst(item, here.name()));
  }

  /** Whether the place's contents were visible once. */
  public boolean isSearched(String place) {
    return searched.contains(place);
  }

  /** Everything seen and not taken since, the most recent sighting first. */
  public List<Sighting> sightings() {
    List<Sighting> sightings = new ArrayList<>(placeOfItem.size());
    for (Map.Entry<String, String> entry : placeOfItem.entrySet()) {
      sightings.add(new Sighting(entry.getKey(), entry.getValue()));
    }
    return sightings;
  }

  /** Those of them whose kind is among the goal's words: {@code mug} of {@code mug 1}. */
  public List<Sighting> sightingsFor(String goal) {
    Set<String> words = new HashSet<>(Arrays.asList(goal.split(" ", -1)));
    return sightings().stream().filter(seen -> words.contains(kind(seen.item()))).toList();
  }

  private static String kind(String item) {
    int space = item.indexOf(' ');
    return space < 0 ? item : item.substring(0, space);
  }
}
