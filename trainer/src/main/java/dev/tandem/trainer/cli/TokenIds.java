package dev.tandem.trainer.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files of the form {@code {"input_ids": [[..], ..]}}. */
final class TokenIds {
  private TokenIds() {}

  /**
   * Reads the rows.
   *
   * @throws UserException when the file is not of that form
   */
  static List<int[]> read(Path file) throws IOException {
    JsonNode rows;
    try {
      rows =
          new ObjectMapper()
              .readTree(InputFile.text(file, "a JSON file of token ids"))
              .path("input_ids");
    } catch (JsonProcessingException e) {
      throw UserException.usage(
          "%s is not JSON (%s); write {\"input_ids\": [[1, 2, 3]]}"
              .formatted(file, e.getOriginalMessage()));
    }
    List<int[]> ids = new ArrayList<>();
    for (JsonNode row : rows) {
      int[] values = new int[row.size()];
      for (int i = 0; i < values.length; i++) {
        if (!row.get(i).isInt()) {
          throw UserException.usage(
              "%s: input_ids[%d][%d] must be a whole number, was %s"
                  .formatted(file, ids.size(), i, row.get(i)));
        }
        values[i] = row.get(i).intValue();
      }
      ids.add(values);
    }
    if (ids.isEmpty()) {
      throw UserException.usage(
          file + " has no rows of token ids; write {\"input_ids\": [[1, 2, 3]]}");
    }
    return ids;
  }
}
