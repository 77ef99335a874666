package dev.tandem.trainer.recipe.yaml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads recipes. A recipe is a YAML file that states only what differs from the defaults; it is
 * laid over them, {@code --set} options are laid over the result, and that is bound strictly to a
 * record.
 *
 * <p>Keys are the record's component names in snake case, enum constants are written in lower case.
 * Records are merged key by key; lists, maps and free-form subtrees ({@code JsonNode} components)
 * are replaced whole. Red lines may also be the name of a YAML file that holds them, relative to
 * the recipe's folder. A key that no record has, or that is given twice, is an error: a setting
 * that silently does nothing costs a training run.
 */
public final class ConfigLoader {
  private ConfigLoader() {}

  /**
   * Loads a recipe.
   *
   * @param file the YAML file, which is named in messages as it is given here
   * @param sets options of the form {@code key.path=value}, the value in YAML; later ones win
   * @param defaults what holds for every key the recipe leaves out
   * @throws ConfigException when the file or an option cannot be used, saying where and why
   */
  public static <T extends Record> T load(Path file, List<String> sets, T defaults, Class<T> type) {
    return read(file, sets, defaults, type).configuration();
  }

  /** {@link #load}, with where everything was said, for checks that only others can make. */
  public static <T extends Record> Loaded<T> read(
      Path file, List<String> sets, T defaults, Class<T> type) {
    ObjectMapper mapper = RecipeYaml.mapper();
    Origins origins = new Origins(file.toString());
    ObjectNode tree = mapper.valueToTree(defaults);
    Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
    Overlay overlay = new Overlay(tree, type, origins, section -> document(folder, section));
    YamlReader.Document document = YamlReader.read(text(file), file.toString());
    overlay.merge(
        mapping(document, file),
        path ->
            document.lines().containsKey(path)
                ? file + ":" + document.lines().get(path)
                : file.toString());
    document
        .lines()
        .forEach(
            (path, line) -> {
              if (path.endsWith("]")) {
                origins.put(path, file + ":" + line);
              }
            });
    sets.forEach(set -> apply(set, overlay));
    return new Loaded<>(new RecordBinder(mapper, origins).bind(tree, type), origins);
  }

  /** The same without a file: the defaults under the options. */
  public static <T extends Record> Loaded<T> ofDefaults(
      List<String> sets, T defaults, Class<T> type) {
    ObjectMapper mapper = RecipeYaml.mapper();
    Origins origins = new Origins("the defaults");
    ObjectNode tree = mapper.valueToTree(defaults);
    Overlay overlay =
        new Overlay(
            tree, type, origins, section -> document(Path.of("").toAbsolutePath(), section));
    sets.forEach(set -> apply(set, overlay));
    return new Loaded<>(new RecordBinder(mapper, origins).bind(tree, type), origins);
  }

  /** A configuration and where each of its keys was set. */
  public static final class Loaded<T extends Record> {
    private final T configuration;
    private final Origins origins;

    Loaded(T configuration, Origins origins) {
      this.configuration = configuration;
      this.origins = origins;
    }

    public T configuration() {
      return configuration;
    }

    /**
     * The exception for a mistake that was found later.
     *
     * @param path of the key it is about, such as {@code environment}
     * @param complaint which begins with what is wrong; the key below that it names is the place
     */
    public ConfigException problem(String path, String complaint, Throwable cause) {
      return new ConfigException(origins.ofComplaint(path, complaint), complaint, cause);
    }
  }

  /**
   * The complete configuration as YAML; loading it gives an equal record, whatever the defaults.
   */
  public static String effective(Record configuration) {
    try {
      return RecipeYaml.mapper().writeValueAsString(configuration);
    } catch (JsonProcessingException notWritable) {
      throw new IllegalStateException(
          configuration.getClass().getName() + " cannot be written as YAML", notWritable);
    }
  }

  /** A {@code --set} option that gives a key a path, whatever characters that has. */
  public static String set(String key, Path value) {
    return key + "='" + value.toString().replace("'", "''") + "'";
  }

  /** How a configuration differs from another of its type. */
  public static List<Difference> differences(Record was, Record is) {
    return Difference.between(written(was), written(is));
  }

  private static JsonNode written(Record configuration) {
    String name = configuration.getClass().getSimpleName();
    return mapping(YamlReader.read(effective(configuration), name), Path.of(name));
  }

  /**
   * A free-form subtree that is a file of its own.
   *
   * @throws ConfigException when it cannot be read
   */
  public static JsonNode tree(Path file) {
    return mapping(YamlReader.read(text(file), file.toString()), file);
  }

  /**
   * Values of options of the form {@code key=value}, the value in YAML, over others.
   *
   * @param option what the options are called in messages
   */
  public static Map<String, Object> values(
      String option, List<String> sets, Map<String, Object> others) {
    Map<String, Object> values = new TreeMap<>(others);
    for (String set : sets) {
      int equals = set.indexOf('=');
      String where = option + " " + set;
      if (equals <= 0) {
        throw new ConfigException(where, "write it as key=value");
      }
      JsonNode value = YamlReader.read(set.substring(equals + 1), where).root();
      if (value == null || value.isNull()) {
        throw new ConfigException(where, "has no value after the = sign");
      }
      values.put(
          set.substring(0, equals).strip(), RecipeYaml.mapper().convertValue(value, Object.class));
    }
    return values;
  }

  /** A section that is a file of its own, relative to the recipe's folder. */
  private static Overlay.Section document(Path folder, String name) {
    Path file;
    try {
      file = folder.resolve(name);
    } catch (InvalidPathException invalid) {
      throw new ConfigException(name, "is no name of a file");
    }
    YamlReader.Document document = YamlReader.read(text(file), file.toString());
    return new Overlay.Section(
        mapping(document, file),
        path ->
            document.lines().containsKey(path)
                ? file + ":" + document.lines().get(path)
                : file.toString());
  }

  private static void apply(String set, Overlay overlay) {
    String option = "--set " + set;
    int equals = set.indexOf('=');
    if (equals <= 0) {
      throw new ConfigException(option, "write it as key.path=value, as in --set grpo.epochs=2");
    }
    JsonNode value = YamlReader.read(set.substring(equals + 1), option).root();
    if (value == null) {
      throw new ConfigException(option, "has no value after the = sign");
    }
    overlay.set(set.substring(0, equals).strip(), value, option);
  }

  private static ObjectNode mapping(YamlReader.Document document, Path file) {
    JsonNode root = document.root();
    if (root == null || root.isNull()) {
      throw new ConfigException(file.toString(), "is empty; a recipe states at least one key");
    }
    if (root instanceof ObjectNode mapping) {
      return mapping;
    }
    throw new ConfigException(
        file + ":1", "must be a mapping of keys, as in 'mode: coevolve', and is not");
  }

  private static String text(Path file) {
    if (Files.isDirectory(file)) {
      throw new ConfigException(file.toString(), "is a folder; name a YAML file");
    }
    if (Files.notExists(file)) {
      throw new ConfigException(file.toString(), "does not exist; name a YAML file");
    }
    try {
      return Files.readString(file);
    } catch (CharacterCodingException notText) {
      throw new ConfigException(file.toString(), "is not UTF-8 text", notText);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
