package dev.tandem.rollout.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.tandem.harness.config.ProcessorRegistry;
import dev.tandem.harness.event.Observation;
import dev.tandem.harness.spi.FailureCategory;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.tool.InputSchema;
import dev.tandem.harness.tool.ToolSpec;
import dev.tandem.harness.tool.ToolUse;
import dev.tandem.harness.value.ArgumentValues;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import dev.tandem.rollout.TaskSpec;
import dev.tandem.rollout.spi.Environment;
import dev.tandem.rollout.spi.EnvironmentFamily;
import dev.tandem.rollout.spi.Wording;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a family says of itself. */
final class DeclarationChecks {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Schema META_SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));

  /** The key by which recipes name the family. */
  private static final String RESERVED = "name";

  private DeclarationChecks() {}

  static void identity(Subject subject, Findings findings) {
    EnvironmentFamily family = subject.family();
    findings.expect(
        family.id().matches("[a-z][a-z0-9]*(_[a-z0-9]+)*"),
        "the id must be lower-case words with underscores, was '%s'",
        family.id());
    List<String> parameters = family.parameters().stream().map(Parameter::name).toList();
    unique("parameters", parameters, findings);
    findings.expect(
        !parameters.contains(RESERVED),
        "a parameter is called '%s': recipes name the family by that key",
        RESERVED);
    try {
      EnvironmentFamily usual =
          family.configured(
              ArgumentValues.of("environment " + family.id(), family.parameters(), Map.of()));
      findings.expect(
          usual.id().equals(family.id()) && usual.parameters().equals(family.parameters()),
          "configured with its defaults it has another id or other parameters");
    } catch (HarnessException e) {
      findings.add("it does not take the defaults of its own parameters: %s", e);
    }
    unique(
        "processor types", family.processors().stream().map(ProcessorType::id).toList(), findings);
    unique(
        "failure categories",
        family.failures().categories().stream().map(FailureCategory::id).toList(),
        findings);
  }

  private static void unique(String what, List<String> names, Findings findings) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      findings.expect(seen.add(name), "two of its %s are called '%s'", what, name);
    }
  }

  static void tools(Subject subject, Findings findings) {
    for (TaskSpec task : subject.fewTasks()) {
      try (Environment world = subject.open(task)) {
        List<ToolSpec> tools = world.tools();
        unique("tools", tools.stream().map(ToolSpec::name).toList(), findings);
        tools.forEach(tool -> tool(tool, findings));
        world.reset();
        findings.expect(
            world.tools().equals(tools),
            "the tools of task '%s' are others after the reset",
            task.id());
      }
    }
  }

  private static void tool(ToolSpec tool, Findings findings) {
    findings.expect(
        tool.name().matches("[a-zA-Z0-9_-]{1,64}") && !tool.name().equals(ToolUse.COMMAND),
        "a tool's name is 1 to 64 letters, digits, - and _, and not '%s', was '%s'",
        ToolUse.COMMAND,
        tool.name());
    findings.expect(
        !tool.description().isBlank(),
        "tool '%s' has no description: the model would not know what it does",
        tool.name());
    JsonNode schema = tree(tool.inputSchema());
    findings.expect(
        schema.path("type").asText().equals("object"),
        "the input schema of tool '%s' must be of type object, was %s",
        tool.name(),
        schema.path("type"));
    schemaProblem(schema)
        .ifPresent(
            problem ->
                findings.add("the input schema of tool '%s' is none: %s", tool.name(), problem));
  }

  static void facts(Subject subject, Findings findings) {
    Optional<String> declared = subject.family().factsSchema();
    if (declared.isPresent()) {
      Optional<String> problem = schemaProblem(tree(declared.get()));
      if (problem.isPresent()) {
        findings.add("the schema of the facts is none: %s", problem.get());
        return;
      }
    }
    Optional<InputSchema> schema =
        declared.map(text -> InputSchema.of(new ToolSpec("facts", "", text)));
    subject.afterPlay(
        (world, play) ->
            play.moments().forEach(moment -> facts(play, moment.observation(), schema, findings)));
  }

  private static void facts(
      Play play, Observation observation, Optional<InputSchema> schema, Findings findings) {
    String facts = JSON.valueToTree(observation.facts().tree()).toString();
    if (schema.isEmpty()) {
      findings.expect(
          observation.facts().isEmpty(),
          "task '%s' shows facts and the family declares no schema for them: %s",
          play.task().id(),
          facts);
      return;
    }
    schema
        .get()
        .problems(facts)
        .forEach(
            problem ->
                findings.add(
                    "task '%s' shows facts that are not as declared: %s",
                    play.task().id(), problem));
  }

  static void vocabulary(Subject subject, Findings findings) {
    Set<String> known = Set.copyOf(subject.family().vocabulary());
    if (known.isEmpty()) {
      return;
    }
    Set<String> missed = new HashSet<>();
    subject.afterPlay(
        (world, play) ->
            play.moments()
                .forEach(
                    moment -> {
                      Observation observation = moment.observation();
                      collect(observation.goal(), known, missed);
                      collect(observation.text(), known, missed);
                      observation.commands().forEach(command -> collect(command, known, missed));
                    }));
    missed.stream()
        .sorted()
        .forEach(word -> findings.add("the vocabulary lacks the word '%s'", word));
  }

  /** Wordings are of parameters that there are, and of words that a small model knows. */
  static void wordings(Subject subject, Findings findings) {
    EnvironmentFamily family = subject.family();
    ProcessorRegistry registry = ProcessorRegistry.builtIn().with(family.processors());
    Set<String> known = new HashSet<>(family.vocabulary());
    boolean bounded = !known.isEmpty();
    known.addAll(registry.vocabulary());
    for (Wording wording : family.wordings()) {
      findings.expect(
          registry
              .find(wording.processor())
              .filter(
                  type ->
                      type.parameters().stream()
                          .anyMatch(
                              parameter ->
                                  parameter instanceof Parameter.Text
                                      && parameter.name().equals(wording.parameter())))
              .isPresent(),
          "a wording is for the text '%s' of the processor '%s', which there is not",
          wording.parameter(),
          wording.processor());
      Set<String> missed = new HashSet<>();
      collect(wording.text().replaceAll("\\{[a-z_]+}", " "), known, missed);
      if (bounded) {
        missed.stream()
            .sorted()
            .forEach(
                word ->
                    findings.add(
                        "the wording '%s' has the word '%s', which the vocabulary lacks",
                        wording.text(), word));
      }
    }
  }

  private static void collect(String text, Set<String> known, Set<String> missed) {
    for (String word : text.split("\\s+", -1)) {
      if (!word.isEmpty() && !known.contains(word)) {
        missed.add(word);
      }
    }
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a schema must be JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Optional<String> schemaProblem(JsonNode schema) {
    return META_SCHEMA.validate(schema).stream().map(Error::toString).sorted().findFirst();
  }
}
