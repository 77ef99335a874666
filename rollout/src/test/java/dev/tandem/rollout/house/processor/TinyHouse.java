package dev.tandem.rollout.house.processor;

import dev.tandem.harness.event.Facts;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.spi.World;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A world of an open shelf with a mug and a knife, an empty table and a closed cabinet with another
 * mug; the task is over when the agent holds both mugs.
 */
final class TinyHouse implements World {
  public final List<String> commands = new ArrayList<>();
  private final Map<String, List<String>> contents = new LinkedHashMap<>();
  private final List<String> holding = new ArrayList<>();
  private String here = "";
  private final String goal;
  private boolean cabinetOpen;

  /**
   * @param goal what the observations say; when the task is over does not follow from it
   */
  TinyHouse(String goal) {
    this.goal = goal;
    contents.put("shelf 1", new ArrayList<>(List.of("mug 1", "knife 2")));
    contents.put("table 1", new ArrayList<>());
    contents.put("cabinet 1", new ArrayList<>(List.of("mug 2")));
  }

  @Override
  public Observation reset() {
    return observation("you wake up .", true);
  }

  @Override
  public Observation act(String command) {
    commands.add(command);
    if (!admissible().contains(command)) {
      return observation("nothing happens .", false);
    }
    String[] words = command.split(" ", -1);
    switch (words[0]) {
      case "go" -> here = words[2] + " " + words[3];
      case "open" -> cabinetOpen = true;
      default -> {
        String item = words[1] + " " + words[2];
        holding.add(item);
        inside().remove(item);
      }
    }
    return observation("you " + command + " .", true);
  }

  @Override
  public boolean isFinished() {
    return holding.contains("mug 1") && holding.contains("mug 2");
  }

  @Override
  public Optional<String> stateHash() {
    return Optional.of(here + contents + holding + cabinetOpen);
  }

  private Observation observation(String text, boolean effective) {
    Map<String, Object> facts = new LinkedHashMap<>();
    if (!here.isEmpty()) {
      Map<String, Object> place = new LinkedHashMap<>();
      place.put("name", here);
      place.put("access", access());
      place.put("contents", isVisible() ? inside() : List.of());
      facts.put("here", place);
    }
    facts.put("places", List.copyOf(contents.keySet()));
    facts.put("holding", List.copyOf(holding));
    return new Observation(goal, text, new Facts(facts), effective, Optional.of(admissible()));
  }

  private String access() {
    if (!here.equals("cabinet 1")) {
      return "always_open";
    }
    return cabinetOpen ? "open" : "closed";
  }

  private boolean isVisible() {
    return !access().equals("closed");
  }

  private List<String> admissible() {
    List<String> admissible = new ArrayList<>();
    for (String place : contents.keySet()) {
      if (!place.equals(here)) {
        admissible.add("go to " + place);
      }
    }
    if (!here.isEmpty() && isVisible()) {
      inside().forEach(item -> admissible.add("take " + item + " from " + here));
    } else if (!here.isEmpty()) {
      admissible.add("open " + here);
    }
    return admissible;
  }

  private List<String> inside() {
    return contents.getOrDefault(here, List.of());
  }
}
