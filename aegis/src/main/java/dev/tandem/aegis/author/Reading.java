package dev.tandem.aegis.author;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tandem.aegis.evolve.MetaAgent;
import dev.tandem.aegis.evolve.ProposedLever;
import dev.tandem.harness.config.HarnessConfig;
import dev.tandem.harness.spi.ProcessorType;
import dev.tandem.harness.value.ArgumentValues;
import dev.tandem.harness.value.HarnessException;
import dev.tandem.harness.value.Parameter;
import dev.tandem.harness.value.ProcessorSpec;
import dev.tandem.harness.value.Suggestion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What an answer proposes. Nothing of it is believed: whatever is not as it should be is an error,
 * which the model is told once.
 *
 * @param dropped what was not asked for; the model need not be told
 */
record Reading(
    List<ProposedLever> levers, List<MetaAgent.Dropped> dropped, List<MetaAgent.Dropped> errors) {
  /** Characters of an answer that are looked at. */
  static final int MOST_CHARACTERS = 64_000;

  private static final int LONGEST_TEXT = 2_000;
  private static final int LONGEST_REASON = 300;
  private static final int LONGEST_ERROR = 300;
  private static final int MOST_ERRORS = 10;
  private static final String WHOLE = "the answer";
  private static final Set<String> KEYS = Set.of("processor", "parameters", "reason");

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  Reading {
    levers = List.copyOf(levers);
    dropped = List.copyOf(dropped);
    errors = List.copyOf(errors.subList(0, Math.min(MOST_ERRORS, errors.size())));
  }

  /** The errors as lines. */
  List<String> lines() {
    return errors.stream().map(error -> error.lever() + ": " + error.reason()).toList();
  }

  /**
   * Reads an answer.
   *
   * @param types that may be proposed
   * @param most levers that were asked for
   */
  static Reading of(
      Replies.Reply reply,
      Offer offer,
      List<ProcessorType> types,
      HarnessConfig start,
      HarnessConfig incumbent,
      int most) {
    Reader reader = new Reader(offer, types, start, incumbent, most);
    if (reply.cut()) {
      reader.wrong(WHOLE, "it is longer than there is room for");
    } else {
      reader.read(reply.text());
    }
    return new Reading(reader.levers, reader.dropped, reader.errors);
  }

  private static final class Reader {
    private final Offer offer;
    private final List<ProcessorType> types;
    private final HarnessConfig start;
    private final HarnessConfig incumbent;
    private final int most;

    final List<ProposedLever> levers = new ArrayList<>();
    final List<MetaAgent.Dropped> dropped = new ArrayList<>();
    final List<MetaAgent.Dropped> errors = new ArrayList<>();

    Reader(
        Offer offer,
        List<ProcessorType> types,
        HarnessConfig start,
        HarnessConfig incumbent,
        int most) {
      this.offer = offer;
      this.types = types;
      this.start = start;
      this.incumbent = incumbent;
      this.most = most;
    }

    void wrong(String where, String what) {
      errors.add(new MetaAgent.Dropped(where, Texts.line(what, LONGEST_ERROR)));
    }

    void read(String text) {
      JsonNode answer;
      try {
        answer = JSON.readTree(unwrapped(text));
      } catch (JsonProcessingException e) {
        wrong(WHOLE, "it is not JSON: " + e.getOriginalMessage());
        return;
      }
      JsonNode list = answer.path("levers");
      if (!answer.isObject() || answer.size() != 1 || !list.isArray()) {
        wrong(WHOLE, "it must be an object with the one key levers, and that a list");
        return;
      }
      for (int i = 0; i < list.size(); i++) {
        read("levers[%d]".formatted(i), list.get(i));
      }
    }

    /** Without the fences and the words that models put around what they were asked for. */
    private static String unwrapped(String text) {
      int from = text.indexOf('{');
      int to = text.lastIndexOf('}');
      return from < 0 || to < from ? text : text.substring(from, to + 1);
    }

    private void read(String where, JsonNode item) {
      for (String key : (Iterable<String>) item::fieldNames) {
        if (!KEYS.contains(key)) {
          wrong(where, "it has the unknown key '%s'".formatted(key));
          return;
        }
      }
      JsonNode id = item.path("processor");
      JsonNode reason = item.path("reason");
      if (!id.isTextual() || !reason.isTextual() || reason.textValue().isBlank()) {
        wrong(where, "it must be an object with the texts processor and reason");
        return;
      }
      List<String> known = types.stream().map(ProcessorType::id).toList();
      if (!known.contains(id.textValue())) {
        wrong(
            where,
            "there is no processor '%s'%s"
                .formatted(id.textValue(), Suggestion.forUnknown(id.textValue(), known)));
        return;
      }
      try {
        ProcessorSpec wish =
            wish(types.get(known.indexOf(id.textValue())), item.path("parameters"));
        propose(where, wish, Texts.line(reason.textValue(), LONGEST_REASON));
      } catch (HarnessException e) {
        wrong(where, String.join("; ", e.problems()));
      }
    }

    private ProcessorSpec wish(ProcessorType type, JsonNode parameters) {
      if (!parameters.isObject() && !parameters.isMissingNode()) {
        throw new HarnessException("parameters must be an object");
      }
      Map<String, Object> given = new TreeMap<>();
      for (Map.Entry<String, JsonNode> one : parameters.properties()) {
        given.put(one.getKey(), value(one.getKey(), one.getValue()));
      }
      ArgumentValues.of(type.id(), Offer.parameters(type), given);
      return ProcessorSpec.of(type.id(), given);
    }

    private Object value(String name, JsonNode node) {
      if (node.isTextual()) {
        return fit(name, node.textValue());
      } else if (node.isBoolean()) {
        return node.booleanValue();
      } else if (node.isInt()) {
        return node.intValue();
      } else if (node.isDouble()) {
        return node.doubleValue();
      } else if (node.isArray() && node.valueStream().allMatch(JsonNode::isTextual)) {
        return node.valueStream().map(text -> fit(name, text.textValue())).toList();
      }
      throw new HarnessException(name + " must be true, false, a number, text or a list of texts");
    }

    private String fit(String name, String text) {
      if (text.length() > LONGEST_TEXT) {
        throw new HarnessException(
            "%s must be at most %d characters, was %d"
                .formatted(name, LONGEST_TEXT, text.length()));
      }
      if (!Texts.isPrintable(text)) {
        throw new HarnessException(name + " must be printable text");
      }
      return text;
    }

    private void propose(String where, ProcessorSpec wish, String reason) {
      if (!Offer.isCode(wish)) {
        requireWords(wish);
      }
      List<ProposedLever> found =
          ProposedLever.of(wish, reason, start, incumbent, offer.registry());
      if (Offer.isCode(wish)) {
        found.forEach(this::tryOut);
      }
      if (found.isEmpty()) {
        dropped.add(new MetaAgent.Dropped(where, wish.type() + " is set like that already"));
      }
      for (ProposedLever lever : found) {
        if (levers.stream().anyMatch(one -> one.lever().equals(lever.lever()))) {
          dropped.add(new MetaAgent.Dropped(lever.lever().toString(), "it was said twice"));
        } else if (levers.size() == most) {
          dropped.add(
              new MetaAgent.Dropped(
                  lever.lever().toString(), "%d levers were asked for".formatted(most)));
        } else {
          levers.add(lever);
        }
      }
    }

    /** Code that does not run, or that no model would notice, is no lever. */
    private void tryOut(ProposedLever lever) {
      HarnessConfig with = start.apply(lever.edit(), offer.registry());
      offer
          .trial()
          .orElseThrow()
          .complaint(with, start)
          .ifPresent(
              complaint -> {
                throw new HarnessException(complaint);
              });
    }

    /** A small model takes every word that it does not know for the same. */
    private void requireWords(ProcessorSpec wish) {
      if (offer.words().isEmpty()) {
        return;
      }
      ProcessorType type = offer.registry().type(wish.type());
      wish.parameters()
          .forEach(
              (name, value) -> {
                boolean choice =
                    type.parameters().stream()
                        .anyMatch(
                            one -> one.name().equals(name) && one instanceof Parameter.Choice);
                String text = value instanceof List<?> list ? joined(list) : value.toString();
                if (!choice && (value instanceof String || value instanceof List<?>)) {
                  requireWords(name, text);
                }
              });
    }

    private static String joined(List<?> texts) {
      return String.join(" ", texts.stream().map(String::valueOf).toList());
    }

    private void requireWords(String name, String text) {
      for (String word : text.replaceAll("\\{[a-z_]+}", " ").split("\\s+", -1)) {
        if (!word.isEmpty() && !offer.words().contains(word)) {
          throw new HarnessException(
              "%s has the word '%s', which the model does not know".formatted(name, word));
        }
      }
    }
  }
}
