package dev.tandem.trainer.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tandem.trainer.jinja.JinjaException;
import dev.tandem.trainer.jinja.Rendering;
import dev.tandem.trainer.tokenizer.PlacedTokens;
import dev.tandem.trainer.tokenizer.TextTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Whose tokens are whose in a text that a chat template writes.
 *
 * <p>A template with {@code generation} blocks says itself what the assistant said, and the mask is
 * the one that transformers' {@code apply_chat_template(.., return_assistant_tokens_mask=True)}
 * makes of them. Of any other an answer is what stands between the prompt that asks for it and the
 * end of its turn, where both are beginnings of the same text.
 */
final class TemplateTranscripts {
  private final ChatTemplate template;
  private final TextTokenizer tokenizer;
  private final ObjectNode asked;
  private final String endOfTurn;

  /**
   * @param asked variables with which an agent's template asks for an answer
   * @param endOfTurn text of the token that ends an answer
   */
  TemplateTranscripts(
      ChatTemplate template, TextTokenizer tokenizer, ObjectNode asked, String endOfTurn) {
    this.template = template;
    this.tokenizer = tokenizer;
    this.asked = asked;
    this.endOfTurn = endOfTurn;
  }

  /** A text that is one of the conversation's beginnings, or all of it. */
  private record Turn(String text, Rendering.Span answer, int messages) {}

  Transcripts of(Chat chat, boolean observations) {
    Rendering whole = template.renderMarked(chat.messages(), chat.variables(), false);
    if (!whole.generated().isEmpty()) {
      PlacedTokens tokens = tokenizer.place(whole.text());
      return parts(
          List.of(
              new Transcript(
                  tokens.ids(),
                  generated(tokens, whole.generated()),
                  observed(chat, chat.messages().size(), whole.text(), tokens, observations))),
          0);
    }
    List<Turn> turns = new ArrayList<>();
    int lost = 0;
    for (int i = 0; i < chat.messages().size(); i++) {
      if (Chat.role(chat.messages().get(i)).equals(Chat.ASSISTANT)) {
        Optional<Turn> turn = turn(chat, i);
        turn.ifPresent(turns::add);
        lost += turn.isPresent() ? 0 : 1;
      }
    }
    String text = whole.text();
    boolean together =
        turns.stream().allMatch(turn -> text.regionMatches(0, turn.text(), 0, turn.answer().end()));
    if (together) {
      List<Rendering.Span> answers = turns.stream().map(Turn::answer).toList();
      return parts(
          List.of(transcript(chat, chat.messages().size(), text, answers, observations)), lost);
    }
    return parts(
        turns.stream()
            .map(
                turn ->
                    transcript(
                        chat, turn.messages(), turn.text(), List.of(turn.answer()), observations))
            .toList(),
        lost);
  }

  private static Transcripts parts(List<Transcript> all, int lost) {
    return new Transcripts(all.stream().filter(one -> count(one.said()) > 0).toList(), lost);
  }

  private static int count(boolean[] marks) {
    int count = 0;
    for (boolean mark : marks) {
      count += mark ? 1 : 0;
    }
    return count;
  }

  private Transcript transcript(
      Chat chat, int messages, String text, List<Rendering.Span> answers, boolean observations) {
    PlacedTokens tokens = tokenizer.place(text);
    return new Transcript(
        tokens.ids(),
        covered(tokens, answers),
        observed(chat, messages, text, tokens, observations));
  }

  /** One answer and what comes before it, if the prompt for it is where that text begins. */
  private Optional<Turn> turn(Chat chat, int answer) {
    try {
      String text = template.render(first(chat, answer + 1), chat.variables(), false);
      for (ObjectNode variables : List.of(with(asked, chat), chat.variables())) {
        String prompt = template.render(first(chat, answer), variables, true);
        if (text.startsWith(prompt) && text.length() > prompt.length()) {
          int end = endOfTurn.isEmpty() ? -1 : text.lastIndexOf(endOfTurn);
          return Optional.of(
              new Turn(
                  text,
                  new Rendering.Span(
                      prompt.length(),
                      end < prompt.length() ? text.length() : end + endOfTurn.length()),
                  answer + 1));
        }
      }
      return Optional.empty();
    } catch (JinjaException refused) {
      return Optional.empty(); // the template takes the whole, and not this beginning of it
    }
  }

  private static ObjectNode with(ObjectNode some, Chat chat) {
    ObjectNode all = some.deepCopy();
    all.setAll(chat.variables());
    return all;
  }

  private static ArrayNode first(Chat chat, int messages) {
    ArrayNode some = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < messages; i++) {
      some.add(chat.messages().get(i));
    }
    return some;
  }

  /**
   * The mask that transformers makes of characters: from the token of the first to the token of the
   * last, to the end of all where that has none, and no further where the first has none.
   */
  private static boolean[] generated(PlacedTokens tokens, List<Rendering.Span> spans) {
    boolean[] said = new boolean[tokens.ids().length];
    for (Rendering.Span span : spans) {
      OptionalInt first = tokens.tokenAt(span.start());
      int last = tokens.tokenAt(span.end() - 1).orElse(0);
      if (first.isEmpty()) {
        break;
      }
      int end = last == 0 ? said.length : last + 1;
      if (first.getAsInt() < end) {
        Arrays.fill(said, first.getAsInt(), end, true);
      }
    }
    return said;
  }

  /** The tokens of which some character is in a span. One without a place ends where it stands. */
  private static boolean[] covered(PlacedTokens tokens, List<Rendering.Span> spans) {
    boolean[] marks = new boolean[tokens.ids().length];
    for (Rendering.Span span : spans) {
      for (int i = 0; i < marks.length; i++) {
        int start = tokens.starts()[i];
        int end = tokens.ends()[i];
        marks[i] |=
            start == end
                ? span.start() < end && end <= span.end()
                : start < span.end() && end > span.start();
      }
    }
    return marks;
  }

  private boolean[] observed(
      Chat chat, int messages, String text, PlacedTokens tokens, boolean asked) {
    return asked
        ? covered(tokens, observations(chat, 0, messages, text))
        : new boolean[tokens.ids().length];
  }

  /** Which tokens of the prompt for an answer are what was observed since the last answer. */
  boolean[] latest(Chat chat, String prompt) {
    int from = chat.messages().size();
    while (from > 0 && !Chat.role(chat.messages().get(from - 1)).equals(Chat.ASSISTANT)) {
      from--;
    }
    return covered(
        tokenizer.place(prompt), observations(chat, from, chat.messages().size(), prompt));
  }

  /**
   * Where the contents of users' and tools' messages stand: last in what a message adds to the
   * text. One that the template writes otherwise has no place.
   */
  private List<Rendering.Span> observations(Chat chat, int from, int to, String text) {
    List<Rendering.Span> spans = new ArrayList<>();
    for (int i = from; i < to; i++) {
      JsonNode message = chat.messages().get(i);
      String content = message.path("content").asText("").strip();
      boolean theirs = Chat.role(message).equals("user") || Chat.role(message).equals("tool");
      if (theirs && !content.isEmpty()) {
        int begin = shared(chat, i, text);
        int end = shared(chat, i + 1, text);
        int at = text.lastIndexOf(content, end - content.length());
        if (at >= begin) {
          spans.add(new Rendering.Span(at, at + content.length()));
        }
      }
    }
    return spans;
  }

  /** How far a text is what the first messages alone are written as. */
  private int shared(Chat chat, int messages, String text) {
    if (messages == 0) {
      return 0;
    }
    try {
      String beginning = template.render(first(chat, messages), chat.variables(), false);
      int shared = Arrays.mismatch(beginning.toCharArray(), text.toCharArray());
      return shared < 0 ? text.length() : shared;
    } catch (JinjaException refused) {
      return 0;
    }
  }
}
