package dev.tandem.harness;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A harness as a value: its processors, in the order that settles what their metadata leaves open.
 * Constructing one checks nothing; everything that depends on the processor types takes a registry,
 * and reports all that is wrong at once.
 *
 * <p>Its YAML form is a list of types with their parameters beside them:
 *
 * <pre>{@code
 * processors:
 *   - type: frontier_note
 *     show: unsearched
 * }</pre>
 */
public record HarnessConfig(List<ProcessorSpec> processors) {
  public HarnessConfig {
    processors = List.copyOf(processors);
  }

  public static HarnessConfig of(ProcessorSpec... processors) {
    return new HarnessConfig(Arrays.asList(processors));
  }

  /** {@link #parse(String, String, ProcessorRegistry)} with the built-in types. */
  public static HarnessConfig parse(String text, String source) {
    return parse(text, source, ProcessorRegistry.builtIn());
  }

  /**
   * Reads YAML or JSON.
   *
   * @param source what the text is called in errors, such as a file name
   * @throws HarnessException with source and line of everything that is wrong
   */
  public static HarnessConfig parse(String text, String source, ProcessorRegistry registry) {
    return new HarnessParser(source, registry).parse(text);
  }

  /** {@link #hash(ProcessorRegistry)} with the built-in types. */
  public String hash() {
    return hash(ProcessorRegistry.builtIn());
  }

  /**
   * Content hash of the behaviour: lower-case hexadecimal SHA-256 of the canonical JSON.
   *
   * @throws HarnessException when the configuration is not valid
   */
  public String hash(ProcessorRegistry registry) {
    try {
      byte[] bytes = canonicalJson(registry).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** {@link #canonicalJson(ProcessorRegistry)} with the built-in types. */
  public String canonicalJson() {
    return canonicalJson(ProcessorRegistry.builtIn());
  }

  /**
   * The one JSON text of this behaviour: keys sorted, defaults written out.
   *
   * @throws HarnessException when the configuration is not valid
   */
  public String canonicalJson(ProcessorRegistry registry) {
    return CanonicalJson.write(
        Map.of("processors", complete(registry).stream().map(CanonicalJson::flat).toList()));
  }

  /** The configuration as it is written in files; parsing it gives an equal configuration. */
  public String toYaml() {
    return HarnessYaml.write(this);
  }

  /** {@link #apply(HarnessEdit, ProcessorRegistry)} with the built-in types. */
  public HarnessConfig apply(HarnessEdit edit) {
    return apply(edit, ProcessorRegistry.builtIn());
  }

  /**
   * The edited harness; everything the edit does not name stays as it is.
   *
   * @throws HarnessException when the edit cannot be applied or its result would not be valid
   */
  public HarnessConfig apply(HarnessEdit edit, ProcessorRegistry registry) {
    List<ProcessorSpec> edited = new ArrayList<>(processors);
    switch (edit) {
      case HarnessEdit.Insert(ProcessorSpec processor) -> edited.add(processor);
      case HarnessEdit.Remove(String type) -> edited.remove(indexOf(type));
      case HarnessEdit.Replace(ProcessorSpec processor) ->
          edited.set(indexOfGroup(registry.type(processor.type()).group(), registry), processor);
      case HarnessEdit.Configure(String type, String parameter, Object value) -> {
        int index = indexOf(type);
        edited.set(index, edited.get(index).with(parameter, value));
      }
    }
    HarnessConfig result = new HarnessConfig(edited);
    HarnessException.throwIfAny(result.problems(registry));
    return result;
  }

  /** {@link #diff(HarnessConfig, HarnessConfig, ProcessorRegistry)} with the built-in types. */
  public static List<String> diff(HarnessConfig before, HarnessConfig after) {
    return diff(before, after, ProcessorRegistry.builtIn());
  }

  /**
   * What behaves differently, one readable line each; empty exactly when the hashes are equal.
   *
   * @throws HarnessException when one of them is not valid
   */
  public static List<String> diff(
      HarnessConfig before, HarnessConfig after, ProcessorRegistry registry) {
    return HarnessDiff.between(before.complete(registry), after.complete(registry));
  }

  /** Everything that keeps this configuration from being used, empty when it is valid. */
  public List<String> problems(ProcessorRegistry registry) {
    return HarnessCheck.problems(processors, registry).stream()
        .map(HarnessCheck.Problem::text)
        .toList();
  }

  /** The processors with all their parameters written out. */
  private List<ProcessorSpec> complete(ProcessorRegistry registry) {
    HarnessException.throwIfAny(problems(registry));
    return processors.stream().map(registry::complete).toList();
  }

  private int indexOf(String type) {
    List<String> types = processors.stream().map(ProcessorSpec::type).toList();
    int index = types.indexOf(type);
    if (index < 0) {
      throw new HarnessException(
          "the harness has no processor '%s'%s"
              .formatted(type, Suggestion.forUnknown(type, types)));
    }
    return index;
  }

  private int indexOfGroup(String group, ProcessorRegistry registry) {
    List<String> groups =
        processors.stream().map(spec -> registry.type(spec.type()).group()).toList();
    int index = groups.indexOf(group);
    if (index < 0) {
      throw new HarnessException(
          "no processor of the harness holds the group '%s': insert one instead of replacing it"
              .formatted(group));
    }
    return index;
  }
}
