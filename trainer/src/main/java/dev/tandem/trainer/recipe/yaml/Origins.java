package dev.tandem.trainer.recipe.yaml;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Where each key of a merged configuration was last set: a line of the file or an option. */
final class Origins {
  private final String file;
  private final Map<String, String> byPath = new LinkedHashMap<>();

  /**
   * @param file what to answer for what nobody set
   */
  Origins(String file) {
    this.file = file;
  }

  void put(String path, String where) {
    byPath.remove(path);
    byPath.put(path, where);
  }

  /** Where {@code path} was set, or else the nearest key above it. */
  String of(String path) {
    for (String at = path; !at.isEmpty(); at = parent(at)) {
      String where = byPath.get(at);
      if (where != null) {
        return where;
      }
    }
    return file;
  }

  /**
   * Where a record's complaint comes from: the key below it that the complaint names, in any of its
   * spellings; if it names none that was set, the last one set; else the record itself.
   */
  String ofComplaint(String recordPath, String complaint) {
    String prefix = recordPath.isEmpty() ? "" : recordPath + ".";
    String said = plain(complaint);
    String named = null;
    String last = null;
    for (Map.Entry<String, String> entry : byPath.entrySet()) {
      String path = entry.getKey();
      if (path.length() > prefix.length() && path.startsWith(prefix)) {
        last = entry.getValue();
        String key = path.substring(path.lastIndexOf('.') + 1);
        named = said.contains(plain(key)) ? entry.getValue() : named;
      }
    }
    if (named != null) {
      return named;
    }
    return last != null ? last : of(recordPath);
  }

  private static String plain(String words) {
    return words.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  private static String parent(String path) {
    int cut = Math.max(path.lastIndexOf('.'), path.lastIndexOf('['));
    return cut < 0 ? "" : path.substring(0, cut);
  }
}
