package dev.tandem.trainer.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tokens that end a response: {@code eos_token_id} of generation_config.json, else of config.json;
 * a number, a list or nothing.
 */
public final class StopIds {
  private StopIds() {}

  public static int[] of(Path checkpoint) throws IOException {
    for (String name : new String[] {"generation_config.json", "config.json"}) {
      Path file = checkpoint.resolve(name);
      if (Files.exists(file)) {
        JsonNode ids = new ObjectMapper().readTree(file.toFile()).path("eos_token_id");
        if (ids.isInt()) {
          return new int[] {ids.intValue()};
        }
        if (ids.isArray()) {
          int[] several = new int[ids.size()];
          for (int i = 0; i < several.length; i++) {
            several[i] = ids.get(i).intValue();
          }
          return several;
        }
      }
    }
    return new int[0];
  }
}
