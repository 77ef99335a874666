package dev.tandem.trainer.jinja;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.Map;

/** A template that has been read; rendering it changes nothing, so many threads may share one. */
public final class Template {
  private final String name;
  private final TemplateParser.Parsed parsed;

  private Template(String name, TemplateParser.Parsed parsed) {
    this.name = name;
    this.parsed = parsed;
  }

  /**
   * Reads a template.
   *
   * @param name what messages call it
   * @throws JinjaException if its syntax is wrong or not supported
   */
  public static Template parse(String name, String source) {
    try {
      return new Template(name, TemplateParser.parse(source));
    } catch (JinjaException e) {
      throw e.in(name);
    } catch (StackOverflowError e) {
      throw new JinjaException("brackets are nested too deeply").in(name);
    }
  }

  /**
   * Whether the template has a {@code generation} block, so that it says what an assistant said.
   */
  public boolean marksGeneration() {
    return parsed.marksGeneration();
  }

  /** The text of {@link #renderMarked}. */
  public String render(ObjectNode variables, LocalDateTime now) {
    return renderMarked(variables, now).text();
  }

  /**
   * Renders the template. A {@code generation} block in a macro or a {@code set} block prints where
   * that is used; it marks nothing, for its place in the text is not known where it is rendered.
   *
   * @param variables the names that it sees; a name that is absent is undefined, one that is null
   *     is Python's None
   * @param now what {@code strftime_now} tells
   * @throws JinjaException if the template refuses, fails, or needs what is not supported
   */
  public Rendering renderMarked(ObjectNode variables, LocalDateTime now) {
    try {
      Map<String, Value> names = new LinkedHashMap<>(Builtins.at(now));
      for (Map.Entry<String, JsonNode> variable : variables.properties()) {
        names.put(variable.getKey(), Values.of(variable.getValue()));
      }
      return Interpreter.render(parsed.statements(), new Scope(names));
    } catch (JinjaException e) {
      throw e.in(name);
    } catch (StackOverflowError e) {
      throw new JinjaException("macros call each other without end").in(name);
    }
  }
}
