package dev.tandem.harness.value;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What processors share but do not own, by name; {@link Services} are the running things behind it.
 * Tools, workspace mode, sandbox and plugins are behaviour and part of the content hash; the tracer
 * and the workspace's path are not.
 *
 * @param tools the tools that the model may use, of the environment and of the harness: names, or
 *     beginnings of names with a {@code *} behind; a name without one must be there
 * @param workspace what files an episode works on
 * @param sandbox what code of the harness's own may do
 * @param plugins what must be loaded beside the built-in processors
 * @param tracer name of the tracer
 * @param workspacePath where the workspace's files come from
 */
public record Slots(
    List<String> tools,
    WorkspaceMode workspace,
    Sandbox sandbox,
    List<String> plugins,
    String tracer,
    String workspacePath) {
  private static final String ANY = "*";

  /** All tools there are, no files, code in a worker. */
  public static final Slots DEFAULT =
      new Slots(List.of(ANY), WorkspaceMode.NONE, Sandbox.WORKER, List.of(), "", "");

  /** The slots as files have them. */
  public static final List<Parameter> PARAMETERS =
      List.of(
          new Parameter.Texts("tools", DEFAULT.tools()),
          new Parameter.Choice("workspace", id(DEFAULT.workspace()), ids(WorkspaceMode.values())),
          new Parameter.Choice("sandbox", id(DEFAULT.sandbox()), ids(Sandbox.values())),
          new Parameter.Texts("plugins", DEFAULT.plugins()),
          new Parameter.Label("tracer", DEFAULT.tracer()),
          new Parameter.Label("workspace_path", DEFAULT.workspacePath()));

  /** What files an episode works on. */
  public enum WorkspaceMode {
    NONE,
    /** An empty folder of its own. */
    SCRATCH,
    /** A copy of the workspace's path of its own. */
    COPY,
    /** The workspace's path itself, shared by all episodes. */
    SHARED
  }

  /** What code of the harness's own may do. */
  public enum Sandbox {
    /** There must be none. */
    FORBIDDEN,
    /** It runs in a worker process with limits, further isolated where the system can. */
    WORKER,
    /** As in {@link #WORKER}, and refused where the system cannot isolate the worker. */
    ISOLATED
  }

  public Slots {
    tools = List.copyOf(tools);
    plugins = List.copyOf(plugins);
  }

  /** These slots with other tools. */
  public Slots withTools(List<String> changed) {
    return new Slots(changed, workspace, sandbox, plugins, tracer, workspacePath);
  }

  /** Whether the model may use a tool of this name. */
  public boolean allowsTool(String name) {
    return tools.stream().anyMatch(allowed -> matches(allowed, name));
  }

  /** The tools that must be there. */
  public List<String> requiredTools() {
    return tools.stream().filter(tool -> !tool.endsWith(ANY)).toList();
  }

  private static boolean matches(String allowed, String name) {
    return allowed.endsWith(ANY)
        ? name.startsWith(allowed.substring(0, allowed.length() - ANY.length()))
        : name.equals(allowed);
  }

  /** The slots by name as files have them: texts, and lists of texts. */
  public SortedMap<String, Object> toMap() {
    SortedMap<String, Object> values = new TreeMap<>();
    values.put("tools", tools);
    values.put("workspace", id(workspace));
    values.put("sandbox", id(sandbox));
    values.put("plugins", plugins);
    values.put("tracer", tracer);
    values.put("workspace_path", workspacePath);
    return values;
  }

  /** Those that differ from the defaults. */
  public SortedMap<String, Object> values() {
    SortedMap<String, Object> values = toMap();
    for (Parameter parameter : PARAMETERS) {
      values.remove(parameter.name(), parameter.defaultValue());
    }
    return values;
  }

  /** What is wrong with slots, by the slot's name. */
  public static SortedMap<String, String> problems(SortedMap<String, Object> slots) {
    SortedMap<String, String> problems = new TreeMap<>();
    slots.forEach(
        (name, value) ->
            PARAMETERS.stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .map(parameter -> parameter.problem(value))
                .orElseGet(
                    () ->
                        Optional.of(
                            "unknown slot '%s'%s"
                                .formatted(
                                    name,
                                    Suggestion.forUnknown(
                                        name, PARAMETERS.stream().map(Parameter::name).toList()))))
                .ifPresent(problem -> problems.put(name, problem)));
    return problems;
  }

  /** The slots of checked values. */
  public static Slots of(SortedMap<String, Object> values) {
    SortedMap<String, Object> complete = new TreeMap<>(values);
    PARAMETERS.forEach(
        parameter -> complete.putIfAbsent(parameter.name(), parameter.defaultValue()));
    return new Slots(
        texts(complete, "tools"),
        WorkspaceMode.valueOf(text(complete, "workspace").toUpperCase(Locale.ROOT)),
        Sandbox.valueOf(text(complete, "sandbox").toUpperCase(Locale.ROOT)),
        texts(complete, "plugins"),
        text(complete, "tracer"),
        text(complete, "workspace_path"));
  }

  private static String text(SortedMap<String, Object> values, String name) {
    return String.valueOf(values.get(name));
  }

  private static List<String> texts(SortedMap<String, Object> values, String name) {
    return values.get(name) instanceof List<?> list
        ? list.stream().map(String.class::cast).toList()
        : List.of();
  }

  private static String id(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static List<String> ids(Enum<?>[] values) {
    return Arrays.stream(values).map(Slots::id).toList();
  }
}
