package dev.tandem.harness;

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
public final class TinyHouse implements World {
  public final List<String> commands = new ArrayList<>();
  private final Map<String, List<String>> contents = new LinkedHashMap<>();
  private final List<String> holding = new ArrayList<>();
  private String here = "";
  private boolean cabinetOpen;

  public TinyHouse() {
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
  public String stateHash() {
    return here + contents + holding + cabinetOpen;
  }

  private Observation observation(String feedback, boolean effective) {
    return new Observation(
        "take two mug",
        feedback,
        effective,
        here.isEmpty() ? Optional.empty() : Optional.of(place()),
        List.copyOf(contents.keySet()),
        holding,
        admissible());
  }

  private Observation.Place place() {
    return new Observation.Place(here, access(), isVisible() ? inside() : List.of());
  }

  private Observation.Access access() {
    if (!here.equals("cabinet 1")) {
      return Observation.Access.ALWAYS_OPEN;
    }
    return cabinetOpen ? Observation.Access.OPEN : Observation.Access.CLOSED;
  }

  private boolean isVisible() {
    return access() != Observation.Access.CLOSED;
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
